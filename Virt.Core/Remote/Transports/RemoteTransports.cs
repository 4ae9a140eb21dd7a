using Virt.Connections;
using Virt.Errors;
using Virt.Remote.Transports.Ssh;

namespace Virt.Remote.Transports;

/// <summary>The transports of this version, and which one a URI means.</summary>
internal static class RemoteTransports
{
    private static readonly IRemoteTransport[] All =
    [
        new UnixTransport(), new TlsTransport(), new TcpTransport(), new SshTransport(), new LibSshTransport("libssh"),
        new LibSshTransport("libssh2"), new ExtTransport(),
    ];

    /// <summary>Finds the transport of a URI: the one it names; else unix without a host and tls with one.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.NoConnect"/> for a name that is no transport.</exception>
    public static IRemoteTransport Find(ConnectionUri uri)
    {
        string name = uri.Transport ?? (uri.Host is null ? "unix" : "tls");
        foreach (IRemoteTransport transport in All)
        {
            if (transport.Name == name)
                return transport;
        }

        throw VirtException.Create(
            VirtErrorCode.NoConnect,
            $"'{name}' is not a transport; there are {string.Join(", ", All.Select(transport => transport.Name))}",
            uri.ToString(),
            $"Write {uri.Driver}+unix://{uri.Path} or {uri.Driver}+ssh://HOST{uri.Path}.");
    }
}
