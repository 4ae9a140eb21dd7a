using System.Net.Sockets;

namespace Virt.Rpc.Sockets;

/// <summary>Makes streams of connected sockets.</summary>
internal static class SocketStreams
{
    /// <summary>The stream of a connected socket, which takes the socket over: where there is no epoll, the framework's.</summary>
    public static NetworkStream Over(Socket socket) =>
        OperatingSystem.IsLinux() ? new PolledSocketStream(socket) : new NetworkStream(socket, ownsSocket: true);
}
