using Virt.Errors;
using Virt.Remote.Tls;

namespace Virt.Daemon.Rpc.Tls;

/// <summary>Decides about one client after its handshake: who it is, or why it is not let in.</summary>
internal sealed class CertificateAdmission(ServerCertificates.Loaded certificates, AllowedClients allowed)
{
    private const string How =
        "Have a certificate made by the authority that the daemon trusts (`virtd pki client NAME`), copy it with its key to ~/.config/virt/pki "
        + "(as root /etc/virt/pki), or name its folder with pkipath=DIR.";

    private string? _name;

    /// <summary>What is wrong with the client's certificate, for the log.</summary>
    public CertificateVerdict? Verdict { get; private set; }

    /// <summary>Takes the name of the client's certificate and what is wrong with it; returns whether the handshake goes on.</summary>
    public bool Take(string name, CertificateVerdict? verdict)
    {
        _name = name;
        Verdict = verdict;
        return true;
    }

    /// <summary>Who the client is; null when it has no certificate that counts.</summary>
    public CertificateIdentity? Identity => certificates.VerifyClient && _name is not null && Refusal is null ? new(_name) : null;

    /// <summary>Why it is not let in; null when it is.</summary>
    public VirtException? Refusal =>
        !certificates.VerifyClient ? null
        : _name is null ? Refuse("the daemon asks for a client certificate, and none was sent", null, How)
        : Verdict is not null ? Refuse($"the daemon does not accept the client certificate: {Verdict.Reason}", _name, How)
        : !allowed.Has(_name) ? Refuse(
            $"the daemon does not let in '{_name}'", _name,
            "Ask the administrator of the daemon to add the name to tls.allowedClients in virtd.json, or use a certificate that is allowed there.")
        : null;

    private static VirtException Refuse(string message, string? target, string action) =>
        VirtException.Create(VirtErrorCode.AuthenticationFailed, message, target, action);
}
