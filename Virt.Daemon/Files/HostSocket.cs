using System.Net.Sockets;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Native;

namespace Virt.Daemon.Files;

/// <summary>
/// Unix sockets by their paths: to listen in a folder that is held by its descriptor, to connect to the very socket that was looked at.
/// </summary>
internal static class HostSocket
{
    private const int MaximumBytes = 107;

    // QEMU accepts one connection after another; those a stopped QEMU has not taken yet must not block the next.
    private const int Backlog = 16;

    /// <summary>Listens there; nothing may have the name, and the socket stays when the descriptor is closed.</summary>
    public static SafeFileHandle Listen(string path)
    {
        using HostFolder folder = HostFolder.OpenParent(path, out string name);
        // The plain path is what people see in ss(8): where nobody can change what it leads to, and where it fits, it is used.
        string address = folder.IsPrivate && Encoding.UTF8.GetByteCount(path) <= MaximumBytes
            ? path
            : $"{OpenCalls.PathOf(folder.Handle)}/{name}";
        return Encoding.UTF8.GetByteCount(address) <= MaximumBytes
            ? UnixSockets.Listen(address, Backlog)
            : throw new UnsuitableFileException($"'{path}' is too long for a socket");
    }

    /// <summary>Connects to a socket.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="maker">Who may have made it besides root and the daemon's user; null for nobody.</param>
    /// <param name="mayBe">Says of the real path whether it may be one; null for any.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="IOException">It is not there.</exception>
    /// <exception cref="UnsuitableFileException">It is not a socket or not one to connect to, or it or a link on the way is somebody
    /// else's.</exception>
    /// <exception cref="SocketException">Nobody answers there.</exception>
    public static async Task<Socket> ConnectAsync(string path, uint? maker, Predicate<string>? mayBe, CancellationToken cancel)
    {
        using HostPath found = HostPath.Find(path) ?? throw FileErrors.Of(FileErrors.NoEntry, path);
        if (found.Status.Kind != FileKind.Socket)
            throw new UnsuitableFileException($"'{path}' is {FileErrors.Name(found.Status.Kind)}, not a socket");
        if (found.Status.User != 0 && found.Status.User != Accounts.Own && found.Status.User != maker)
            throw new UnsuitableFileException($"the socket '{path}' is the user {found.Status.User}'s");
        if (mayBe?.Invoke(found.RealPath) == false)
            throw new UnsuitableFileException($"the socket '{found.RealPath}' is not one of the guest's");
        // A second name would let whoever gave it choose among the sockets of others.
        if (found.Status.Links != 1)
            throw new UnsuitableFileException($"the socket '{path}' has {found.Status.Links} names");
        return await ConnectAsync(found.File, cancel).ConfigureAwait(false);
    }

    /// <summary>Connects to a socket of the daemon's own.</summary>
    /// <exception cref="IOException">It is not there, or no socket of the daemon's own.</exception>
    /// <exception cref="SocketException">Nobody answers there.</exception>
    public static Task<Socket> ConnectAsync(string path, CancellationToken cancel) => ConnectAsync(path, maker: null, mayBe: null, cancel);

    /// <summary>Removes a socket that nobody listens on any more.</summary>
    /// <exception cref="UnsuitableFileException">Something else has the name, or somebody listens there.</exception>
    public static void RemoveStale(string path)
    {
        using HostFolder? folder = HostFolder.TryOpen(Path.GetDirectoryName(path)!);
        string name = Path.GetFileName(path);
        using SafeFileHandle? there = folder?.TryFind(name);
        if (there is null)
            return;
        if (FileStatus.Of(there).Kind is not FileKind.Socket and var kind)
            throw new UnsuitableFileException($"'{path}' is {FileErrors.Name(kind)}");
        if (IsListening(there))
            throw new UnsuitableFileException($"somebody listens on '{path}'");
        folder!.Delete(name);
    }

    // One whose queue is full has somebody who listens.
    private static bool IsListening(SafeFileHandle found)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(OpenCalls.PathOf(found)));
            return true;
        }
        catch (SocketException refused)
        {
            return refused.SocketErrorCode != SocketError.ConnectionRefused;
        }
    }

    private static async Task<Socket> ConnectAsync(SafeFileHandle found, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(OpenCalls.PathOf(found)), cancel).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
