using System.Net;

namespace Virt.Daemon.Hosting;

/// <summary>The TLS socket: off unless enabled. Clients show a certificate of the site's authority.</summary>
internal sealed record TlsConfig
{
    /// <summary>Whether virtd listens for TLS.</summary>
    public bool Enabled { get; set; }

    /// <summary>The address to listen on; <c>::</c> is every address of IPv6 and IPv4.</summary>
    public string Address { get; set; } = "::";

    /// <summary>The port; 0 takes a free one and logs it.</summary>
    public int Port { get; set; } = 16614;

    /// <summary>The server's certificate, PEM; null for servercert.pem in virt/pki or libvirt's place.</summary>
    public string? Certificate { get; set; }

    /// <summary>Its private key, PEM; null for serverkey.pem in virt/pki or libvirt's place.</summary>
    public string? Key { get; set; }

    /// <summary>The certificates of the authorities whose clients are let in; null for cacert.pem in virt/pki or libvirt's place.</summary>
    public string? Ca { get; set; }

    /// <summary>The authorities' lists of revoked certificates; null for cacrl.pem beside the authorities, if there is one.</summary>
    public string? Crl { get; set; }

    /// <summary>Whether clients need a certificate. Without, they authenticate with SCRAM-SHA-256 (<c>virtd user add</c>).</summary>
    public bool VerifyClient { get; set; } = true;

    /// <summary>
    /// The clients that are let in: patterns, with * and ?, of their certificates' distinguished names, such as
    /// <c>CN=*,OU=admins,O=Example</c>; null lets in every client with a certificate of the authority.
    /// </summary>
    public List<string>? AllowedClients { get; set; }

    /// <summary>The address and port.</summary>
    public IPEndPoint EndPoint()
    {
        IPAddress address = IPAddress.Parse(Address);
        return new(address.Equals(IPAddress.IPv6Any) && !System.Net.Sockets.Socket.OSSupportsIPv6 ? IPAddress.Any : address, Port);
    }

    /// <summary>Checks what this section says.</summary>
    /// <exception cref="Virt.Errors.VirtException"><see cref="Virt.Errors.VirtErrorCode.ConfigurationError"/>.</exception>
    public void Check(string path)
    {
        if (!IPAddress.TryParse(Address, out _))
            throw DaemonConfig.Fault(path, $"tls.address '{Address}' is not an IP address");
        if (Port is < 0 or > 65535)
            throw DaemonConfig.Fault(path, $"tls.port {Port} is not a port");
        if ((Certificate is null) != (Key is null))
            throw DaemonConfig.Fault(path, "tls.certificate and tls.key are a pair, and only one is there");
        if (AllowedClients is not null && !VerifyClient)
        {
            throw DaemonConfig.Fault(
                path, "tls.allowedClients needs certificates of clients, and tls.verifyClient is false",
                "Set tls.verifyClient to true, or remove tls.allowedClients.");
        }

        if (AllowedClients?.Any(string.IsNullOrWhiteSpace) == true)
            throw DaemonConfig.Fault(path, "tls.allowedClients has an empty pattern");
    }
}
