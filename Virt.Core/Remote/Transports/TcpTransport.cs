using System.Net.Sockets;
using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;

namespace Virt.Remote.Transports;

/// <summary>Plain tcp, authenticated with SCRAM-SHA-256 but not encrypted.</summary>
internal sealed class TcpTransport : IRemoteTransport
{
    /// <summary>The port of a URI that names none.</summary>
    public const int DefaultPort = 16609;

    public string Name => "tcp";

    public async ValueTask<Stream> OpenAsync(OpenRequest request, CancellationToken cancel)
    {
        ConnectionUri uri = request.Uri;
        string host = uri.Host ?? "localhost";
        int port = uri.Port ?? DefaultPort;
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancel).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw Explain(uri, host, port, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static VirtConnectionException Explain(ConnectionUri uri, string host, int port, SocketException e)
    {
        (string message, string action) = e.SocketErrorCode switch
        {
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain =>
                ($"the host '{host}' cannot be resolved", "Check the host's name and this machine's name resolution."),
            SocketError.ConnectionRefused =>
                ($"{host} refuses connections on port {port}",
                    "Check that virtd runs there with \"tcp\": { \"enabled\": true } in its virtd.json, and the port."),
            SocketError.TimedOut =>
                ($"{host} does not answer on port {port}", "Check that the host is up and that no firewall drops the connection."),
            SocketError.HostUnreachable or SocketError.NetworkUnreachable =>
                ($"there is no way to {host}: {e.Message}", "Check the address and this machine's network."),
            _ => ($"{host} cannot be reached on port {port}: {e.Message}", "Check the address, the network and the daemon there."),
        };
        return new VirtConnectionException(VirtErrorCode.SystemError, message, uri.ToString(), action, e);
    }
}
