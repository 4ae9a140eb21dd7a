using System.Net.Sockets;
using Virt.Connections;
using Virt.Errors;
using Virt.Rpc.Sockets;

namespace Virt.Remote.Transports;

/// <summary>Connects over tcp, for the transports that build on it, and explains why it cannot.</summary>
internal static class TcpConnector
{
    /// <summary>Connects.</summary>
    /// <param name="uri">What is opened, for errors.</param>
    /// <param name="host">The host.</param>
    /// <param name="port">The port.</param>
    /// <param name="section">The section of virtd.json that makes a daemon listen.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="VirtConnectionException">What went wrong and what to do.</exception>
    public static async ValueTask<Stream> ConnectAsync(ConnectionUri uri, string host, int port, string section, CancellationToken cancel)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancel).ConfigureAwait(false);
            return SocketStreams.Over(socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw Explain(uri, host, port, section, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static VirtConnectionException Explain(ConnectionUri uri, string host, int port, string section, SocketException e)
    {
        (string message, string action) = e.SocketErrorCode switch
        {
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain =>
                ($"the host '{host}' cannot be resolved", "Check the host's name and this machine's name resolution."),
            SocketError.ConnectionRefused =>
                ($"{host} refuses connections on port {port}",
                    $"Check that virtd runs there with \"{section}\": {{ \"enabled\": true }} in its virtd.json, and the port."),
            SocketError.TimedOut =>
                ($"{host} does not answer on port {port}", "Check that the host is up and that no firewall drops the connection."),
            SocketError.HostUnreachable or SocketError.NetworkUnreachable =>
                ($"there is no way to {host}: {e.Message}", "Check the address and this machine's network."),
            _ => ($"{host} cannot be reached on port {port}: {e.Message}", "Check the address, the network and the daemon there."),
        };
        return new VirtConnectionException(VirtErrorCode.SystemError, message, uri.ToString(), action, e);
    }
}
