using System.Net;
using System.Net.Sockets;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Chooses a TCP port for a server that cannot choose by itself. Guests that start together get different ones; another
/// program that takes the port before QEMU does makes the start fail with QEMU's words.</summary>
internal static class FreePorts
{
    private const int First = 5900;
    private const int Last = 65535;
    private static int _next = First - 1;

    /// <summary>A port that is free on the address now.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.InternalError"/> when none is.</exception>
    public static int Next(string address)
    {
        IPAddress place = IPAddress.TryParse(address, out IPAddress? parsed) ? parsed : IPAddress.Any;
        for (int tried = First; tried <= Last; tried++)
        {
            int port = First + (Interlocked.Increment(ref _next) - First & int.MaxValue) % (Last - First + 1);
            if (IsFree(place, port))
                return port;
        }

        throw VirtException.Create(
            VirtErrorCode.InternalError, $"no port from {First} on is free on {address}", recommendedAction: "Stop what listens there, or use a socket.");
    }

    private static bool IsFree(IPAddress address, int port)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException refused)
        {
            // An address that is not the host's is for QEMU to complain about.
            return refused.SocketErrorCode is not (SocketError.AddressAlreadyInUse or SocketError.AccessDenied);
        }
    }
}
