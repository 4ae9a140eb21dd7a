using System.Net;
using System.Net.Sockets;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Chooses a TCP port for a server that cannot choose by itself. Guests that start together get different ones; another
/// program that takes the port before QEMU does makes the start fail with QEMU's words.</summary>
internal static class FreePorts
{
    private const int First = 5900;
    private const int Last = 65535;
    private static int _next = First - 1;

    /// <summary>A port that is free on the address now; null when none is.</summary>
    public static int? Next(string address)
    {
        IPAddress place = IPAddress.TryParse(address, out IPAddress? parsed) ? parsed : IPAddress.Any;
        for (int tried = First; tried <= Last; tried++)
        {
            int port = First + (Interlocked.Increment(ref _next) - First & int.MaxValue) % (Last - First + 1);
            if (IsFree(place, port))
                return port;
        }

        return null;
    }

    private static bool IsFree(IPAddress address, int port)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
