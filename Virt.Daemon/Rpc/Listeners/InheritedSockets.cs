using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Virt.Errors;

namespace Virt.Daemon.Rpc.Listeners;

/// <summary>
/// The listening sockets that whoever started the daemon has passed on, as systemd's socket activation does: LISTEN_FDS
/// descriptors from 3 on, named by LISTEN_FDNAMES, for the process LISTEN_PID (sd_listen_fds(3)). A client that starts its
/// session daemon cannot know that process id and leaves it out.
/// </summary>
internal static partial class InheritedSockets
{
    private const int FirstDescriptor = 3;
    private const int MostSockets = 16;
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExec = 1;

    /// <summary>Takes them over, once: the variables are gone afterwards, so no child takes them for its own.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.SystemError"/> when a descriptor is no listening socket.</exception>
    public static IReadOnlyList<(string Name, Socket Socket)> Take()
    {
        string? process = Take("LISTEN_PID"), count = Take("LISTEN_FDS"), names = Take("LISTEN_FDNAMES");
        if (count is null || (process is not null && process != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)))
            return [];
        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int sockets) || sockets is < 0 or > MostSockets)
            throw Fault($"LISTEN_FDS is '{count}', not a number up to {MostSockets}");

        string[] name = names?.Split(':') ?? [];
        List<(string, Socket)> taken = [];
        for (int i = 0; i < sockets; i++)
            taken.Add((i < name.Length ? name[i] : "unknown", Open(FirstDescriptor + i)));
        return taken;
    }

    /// <summary>
    /// Makes listeners of them: a unix socket with <c>-ro</c> in its name or path is read-only, and a tcp socket with <c>-tls</c> in
    /// its name is for TLS.
    /// </summary>
    /// <param name="tls">Makes the listener for TLS.</param>
    public static IReadOnlyList<Listener> TakeListeners(Func<Socket, Listener> tls) =>
    [
        .. Take().Select(taken => taken.Socket.AddressFamily == AddressFamily.Unix
            ? UnixSocketListener.Inherit(
                taken.Socket, taken.Name, EndsWith(taken.Name, "-ro") || EndsWith(taken.Socket.LocalEndPoint?.ToString(), "-ro"))
            : EndsWith(taken.Name, "-tls") ? tls(taken.Socket)
            : TcpSocketListener.Inherit(taken.Socket)),
    ];

    private static bool EndsWith(string? name, string ending) =>
        Path.GetFileNameWithoutExtension(name)?.EndsWith(ending, StringComparison.Ordinal) ?? false;

    private static Socket Open(int descriptor)
    {
        try
        {
            _ = Control(descriptor, SetDescriptorFlags, CloseOnExec);
            Socket socket = new(new SafeSocketHandle(descriptor, ownsHandle: true));
            if (socket.SocketType == SocketType.Stream && IsListening(socket))
                return socket;
        }
        catch (SocketException e)
        {
            throw Fault($"the inherited descriptor {descriptor} is no socket: {e.Message}");
        }

        throw Fault($"the inherited descriptor {descriptor} is not a listening stream socket");
    }

    private static bool IsListening(Socket socket) =>
        socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is int accepts && accepts != 0;

    private static string? Take(string variable)
    {
        string? value = Environment.GetEnvironmentVariable(variable);
        Environment.SetEnvironmentVariable(variable, null);
        return value;
    }

    private static VirtException Fault(string message) => new(
        VirtErrorCode.SystemError, message, recommendedAction: "Check the socket unit, or start virtd without LISTEN_FDS.");

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command, int argument);
}
