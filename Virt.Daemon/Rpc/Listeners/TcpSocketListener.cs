using System.Net;
using System.Net.Sockets;
using Virt.Errors;

namespace Virt.Daemon.Rpc.Listeners;

/// <summary>A tcp socket; its clients authenticate.</summary>
internal sealed class TcpSocketListener : Listener
{
    private TcpSocketListener(Socket socket)
        : base(socket)
    {
    }

    /// <summary>The address and the port, also when the kernel has chosen it.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)Socket.LocalEndPoint!;

    public override string Description => $"tcp {EndPoint}";

    /// <summary>Takes over a socket that listens already, from a service manager.</summary>
    public static TcpSocketListener Inherit(Socket socket) => new(socket);

    /// <summary>Binds and listens.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.SystemError"/>.</exception>
    public static TcpSocketListener Bind(IPEndPoint endPoint) => new(Listen(endPoint, section: "tcp"));

    /// <summary>A socket that listens.</summary>
    /// <param name="endPoint">Where; :: takes IPv4 as well.</param>
    /// <param name="section">The section of virtd.json that asks for it.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.SystemError"/>.</exception>
    internal static Socket Listen(IPEndPoint endPoint, string section)
    {
        Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(endPoint);
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new VirtException(
                VirtErrorCode.SystemError, $"{section} {endPoint} cannot be listened on: {e.Message}", endPoint.ToString(),
                $"Check {section}.address and {section}.port in virtd.json, and what else listens there.", e);
        }
    }

    protected override Peer Describe(Socket accepted)
    {
        accepted.NoDelay = true;
        return new("tcp", accepted.RemoteEndPoint?.ToString() ?? "unknown", ReadOnly: false, Identity: null) { Address = NetworkAddress.KeyOf(accepted.RemoteEndPoint) };
    }
}
