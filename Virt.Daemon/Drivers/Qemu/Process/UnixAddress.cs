using Virt.Daemon.Native;
using System.Net.Sockets;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Drivers.Qemu.Process.Native;

namespace Virt.Daemon.Drivers.Qemu.Process;

/// <summary>
/// A path that fits into the 108 bytes of sockaddr_un. A longer one is reached through a descriptor of its folder, which must
/// stay open while the address is used.
/// </summary>
internal sealed class UnixAddress : IDisposable
{
    private const int MaximumBytes = 107;

    // QEMU accepts one connection after another; those a stopped QEMU has not taken yet must not block the next.
    private const int Backlog = 16;

    private readonly SafeFileHandle? _folder;

    /// <summary>Makes the address of a socket file in an existing folder.</summary>
    public UnixAddress(string path)
    {
        Path = path;
        if (Encoding.UTF8.GetByteCount(path) <= MaximumBytes)
            return;
        _folder = Folders.Open(System.IO.Path.GetDirectoryName(path)!);
        Path = $"/proc/self/fd/{_folder.DangerousGetHandle()}/{System.IO.Path.GetFileName(path)}";
    }

    /// <summary>The path for this process.</summary>
    public string Path { get; }

    /// <summary>Listens there; the file stays when the descriptor is closed.</summary>
    public static SafeFileHandle Listen(string path)
    {
        using var address = new UnixAddress(path);
        return UnixSockets.Listen(address.Path, Backlog);
    }

    /// <summary>Connects to it.</summary>
    public static async Task<Socket> ConnectAsync(string path, CancellationToken cancel)
    {
        using var address = new UnixAddress(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(address.Path), cancel).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _folder?.Dispose();
}
