using System.Net.Sockets;
using System.Text;

namespace Virt.Daemon.Hosting.Systemd;

/// <summary>Tells the service manager how far the daemon is: the protocol of sd_notify(3), a datagram to NOTIFY_SOCKET.</summary>
internal static class SystemdNotifier
{
    /// <summary>Sends states such as <c>READY=1</c>; does nothing where no manager listens.</summary>
    public static void Notify(params ReadOnlySpan<string> states)
    {
        string? path = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");
        if (string.IsNullOrEmpty(path))
            return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(
                Encoding.UTF8.GetBytes(string.Join('\n', states!)), new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path));
        }
        catch (SocketException)
        {
            // A manager that went away is no reason to stop.
        }
    }
}
