using System.Collections.Frozen;

namespace Virt.Connections;

/// <summary>The URI parameters that are the transport's and do not travel to the far side (https://libvirt.org/uri.html).</summary>
internal static class TransportParameters
{
    private static readonly FrozenSet<string> Known = new[]
    {
        "name", "socket", "command", "netcat", "proxy", "mode", "auth", "keyfile", "known_hosts", "known_hosts_verify", "sshauth",
        "no_verify", "no_tty", "pkipath", "no_sanity", "tls_priority", "keepalive_interval", "keepalive_count", "connect_timeout",
    }.ToFrozenSet(StringComparer.Ordinal);

    public static bool IsKnown(string name) => Known.Contains(name);
}
