namespace Virt.Daemon.Pki;

/// <summary>A certificate with its private key, as PEM.</summary>
/// <param name="Certificate">The certificate.</param>
/// <param name="Key">The key, PKCS #8.</param>
internal sealed record IssuedCertificate(string Certificate, string Key);
