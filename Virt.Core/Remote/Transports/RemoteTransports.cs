using Virt.Connections;
using Virt.Errors;

namespace Virt.Remote.Transports;

/// <summary>The transports of this version, and which one a URI means.</summary>
internal static class RemoteTransports
{
    private static readonly IRemoteTransport[] All = [new UnixTransport(), new TlsTransport(), new TcpTransport()];

    /// <summary>The transports that URIs may name and a later version will have.</summary>
    private static readonly string[] Planned = ["ssh", "ext", "libssh", "libssh2"];

    /// <summary>Finds the transport of a URI: the one it names; else unix without a host and tls with one.</summary>
    /// <exception cref="VirtException">
    /// <see cref="VirtErrorCode.NoSupport"/> for a transport that this version does not have,
    /// <see cref="VirtErrorCode.NoConnect"/> for a name that is none.
    /// </exception>
    public static IRemoteTransport Find(ConnectionUri uri)
    {
        string name = uri.Transport ?? (uri.Host is null ? "unix" : "tls");
        foreach (IRemoteTransport transport in All)
        {
            if (transport.Name == name)
                return transport;
        }

        string names = string.Join(", ", All.Select(transport => transport.Name));
        throw Planned.Contains(name, StringComparer.Ordinal)
            ? VirtException.Create(
                VirtErrorCode.NoSupport,
                $"this version does not have the transport {name}; it has {names}",
                uri.ToString(),
                $"Use {uri.Driver}+tls://{uri.Host ?? "HOST"}{uri.Path}.")
            : VirtException.Create(
                VirtErrorCode.NoConnect,
                $"'{name}' is not a transport; this version has {names}",
                uri.ToString(),
                $"Write {uri.Driver}+unix://{uri.Path} or {uri.Driver}+tls://HOST{uri.Path}.");
    }
}
