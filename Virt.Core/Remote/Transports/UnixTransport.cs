using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Virt.Async;
using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;
using Virt.Rpc.Sockets;

namespace Virt.Remote.Transports;

/// <summary>
/// The daemon's unix socket on this machine: the system's, or the user's session daemon, which is started when none runs. The
/// parameter <c>socket</c> names any other.
/// </summary>
/// <param name="session">Starts the session daemon; null for the installed one.</param>
internal sealed class UnixTransport(SessionDaemon? session = null) : IRemoteTransport
{
    private const string SystemFolder = "/run/virt";
    private const string SocketName = "virtd.sock";
    private const string ReadOnlySocketName = "virtd-ro.sock";

    public string Name => "unix";

    [AsyncMethodBuilder(typeof(SeldomValueTask<>))]
    public async ValueTask<Stream> OpenAsync(OpenRequest request, CancellationToken cancel)
    {
        ConnectionUri uri = request.Uri;
        if (uri.Host is not null)
        {
            throw VirtException.Create(
                VirtErrorCode.InvalidArgument, "the transport unix takes no host", uri.ToString(),
                $"Write {uri.Driver}+unix://{uri.Path}, or use {uri.Driver}+tcp://{uri.Host}{uri.Path}.");
        }

        if (uri.Parameters.TryGetValue("socket", out string? named))
            return await ConnectAsync(uri, named, cancel).ConfigureAwait(false);
        if (uri.Path != "/session")
            return await ConnectAsync(uri, SystemSocket(request.ReadOnly), cancel).ConfigureAwait(false);

        string path = Path.Combine(SessionDaemon.RunFolder(), SocketName);
        return await TryConnectAsync(uri, path, cancel).ConfigureAwait(false)
            ?? await (session ?? new SessionDaemon()).StartAsync(path, () => TryConnectAsync(uri, path, cancel), cancel).ConfigureAwait(false);
    }

    /// <summary>Whoever asks for reading only need not be allowed to write; where there is no such socket, the other one does.</summary>
    private static string SystemSocket(bool readOnly)
    {
        string readOnlySocket = Path.Combine(SystemFolder, ReadOnlySocketName);
        return readOnly && File.Exists(readOnlySocket) ? readOnlySocket : Path.Combine(SystemFolder, SocketName);
    }

    [AsyncMethodBuilder(typeof(SeldomValueTask<>))]
    private static async ValueTask<Stream> ConnectAsync(ConnectionUri uri, string path, CancellationToken cancel)
    {
        if (await TryConnectAsync(uri, path, cancel).ConfigureAwait(false) is { } stream)
            return stream;
        string start = path.StartsWith(SystemFolder + "/", StringComparison.Ordinal)
            ? "Start it with `systemctl start virtd`, or by hand with `virtd`."
            : "Start virtd so that it listens there, for example `virtd --root DIR` for the socket DIR/run/virt/virtd.sock.";
        throw File.Exists(path)
            ? Fault(uri, $"no daemon listens on the socket {path}; one that ended has left it behind", start)
            : Fault(uri, $"there is no socket {path}: virtd does not run, or not there", start);
    }

    /// <summary>Connects; null when nobody listens there.</summary>
    [AsyncMethodBuilder(typeof(SeldomValueTask<>))]
    private static async ValueTask<Stream?> TryConnectAsync(ConnectionUri uri, string path, CancellationToken cancel)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(EndPoint(uri, path), cancel).ConfigureAwait(false);
            return SocketStreams.Over(socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            return e.SocketErrorCode switch
            {
                // .NET gives ENOENT of a unix socket as AddressNotAvailable.
                SocketError.ConnectionRefused or SocketError.AddressNotAvailable => null,
                SocketError.AccessDenied => throw Fault(
                    uri, $"this user may not use the socket {path}",
                    "Run as root, join the group that owns the socket, connect read-only, or use the driver's /session path.", e),
                _ => throw Fault(uri, $"the socket {path} cannot be used: {e.Message}", "Check the path and the daemon.", e),
            };
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static UnixDomainSocketEndPoint EndPoint(ConnectionUri uri, string path)
    {
        try
        {
            return new(path);
        }
        catch (ArgumentException e)
        {
            throw VirtException.Create(
                VirtErrorCode.InvalidArgument, $"'{path}' cannot be a socket's path: {e.Message}", uri.ToString(),
                "Use a path of at most 107 bytes.", e);
        }
    }

    private static VirtConnectionException Fault(ConnectionUri uri, string message, string action, Exception? cause = null) =>
        new(VirtErrorCode.SystemError, message, uri.ToString(), action, cause);
}
