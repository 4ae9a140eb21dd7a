using System.Net;

namespace Virt.Daemon.Hosting;

/// <summary>The tcp socket: off unless enabled.</summary>
internal sealed record TcpConfig
{
    /// <summary>Whether virtd listens on tcp. Users authenticate with SCRAM-SHA-256 (<c>virtd user add</c>).</summary>
    public bool Enabled { get; set; }

    /// <summary>The address to listen on.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>The port; 0 takes a free one and logs it.</summary>
    public int Port { get; set; } = 16609;

    /// <summary>Plain tcp on an address that other hosts reach: everyone on the way can read what is sent.</summary>
    public bool AllowUnencryptedFromOtherHosts { get; set; }

    /// <summary>Checks what this section says.</summary>
    /// <exception cref="Virt.Errors.VirtException"><see cref="Virt.Errors.VirtErrorCode.ConfigurationError"/>.</exception>
    public void Check(string path)
    {
        if (!IPAddress.TryParse(Address, out IPAddress? address))
            throw DaemonConfig.Fault(path, $"tcp.address '{Address}' is not an IP address");
        if (Port is < 0 or > 65535)
            throw DaemonConfig.Fault(path, $"tcp.port {Port} is not a port");
        if (Enabled && !IPAddress.IsLoopback(address) && !AllowUnencryptedFromOtherHosts)
        {
            throw DaemonConfig.Fault(
                path, $"tcp.address {Address} is reachable from other hosts, and plain tcp is not encrypted",
                "Listen on 127.0.0.1 and tunnel, or set tcp.allowUnencryptedFromOtherHosts to true if everyone on that network may read along.");
        }
    }
}
