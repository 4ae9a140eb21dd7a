namespace Virt.PowerShell;

/// <summary>How the daemon of a host that is named without a URI is reached.</summary>
public enum HostTransport
{
    /// <summary>Its unix socket, on this machine.</summary>
    Unix,
    /// <summary>The system's OpenSSH client.</summary>
    Ssh,
    /// <summary>ssh in this process, without a client of the system.</summary>
    LibSsh,
    /// <summary>TLS, with certificates.</summary>
    Tls,
}
