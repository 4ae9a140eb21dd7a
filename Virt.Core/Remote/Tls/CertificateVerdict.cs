namespace Virt.Remote.Tls;

/// <summary>Why a peer's certificate is not accepted.</summary>
/// <param name="Reason">What is wrong with it.</param>
/// <param name="Action">What to do about it.</param>
internal sealed record CertificateVerdict(string Reason, string Action);
