using System.Net.Sockets;
using System.Runtime.InteropServices;
using Virt.Daemon.Hosting;
using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Rpc.Listeners;

/// <summary>A unix socket; the kernel says who its clients are.</summary>
internal sealed partial class UnixSocketListener : Listener
{
    private readonly string _path;
    private readonly bool _readOnly;
    private readonly bool _inherited;

    private UnixSocketListener(Socket socket, string path, bool readOnly, bool inherited)
        : base(socket)
    {
        _path = path;
        _readOnly = readOnly;
        _inherited = inherited;
    }

    public override string Description => $"unix {_path}{(_readOnly ? " (read-only)" : string.Empty)}";

    /// <summary>Takes over a socket that listens already, from a service manager or the client that started this daemon.</summary>
    public static UnixSocketListener Inherit(Socket socket, string name, bool readOnly) => new(socket, name, readOnly, inherited: true);

    /// <summary>Binds and listens. A socket that a daemon left behind is replaced, one that is answered is not.</summary>
    /// <param name="path">The socket's path.</param>
    /// <param name="readOnly">Whether its clients may only read.</param>
    /// <param name="mode">The socket's mode.</param>
    /// <param name="group">The group that owns it; null leaves the daemon's.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.SystemError"/>.</exception>
    public static UnixSocketListener Bind(string path, bool readOnly, UnixFileMode mode, string? group = null)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            RemoveStale(path);
            socket.Bind(new UnixDomainSocketEndPoint(path));

            // Nobody can connect before Listen, so nobody gets in while the mode is not set.
            if (group is not null && ChangeOwner(path, uint.MaxValue, UnixCredentials.FindGroup(group)) != 0)
                throw new IOException($"its group cannot be set to {group}: {Marshal.GetLastPInvokeErrorMessage()}");
            File.SetUnixFileMode(path, mode);
            socket.Listen(Backlog);
            return new(socket, path, readOnly, inherited: false);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            socket.Dispose();
            throw new VirtException(
                VirtErrorCode.SystemError, $"the socket {path} cannot be made: {e.Message}", path,
                "Check the folder's rights and the path's length (at most 107 bytes).", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    protected override Peer Describe(Socket accepted)
    {
        UnixCredentials peer = UnixCredentials.Of(accepted);
        return new("unix", $"pid {peer.ProcessId} uid {peer.UserId}", _readOnly, new UnixIdentity(peer.UserId) { GroupIds = UnixCredentials.GroupsOf(accepted, peer) });
    }

    protected override void Release()
    {
        if (!_inherited)
            File.Delete(_path);
    }

    private static void RemoveStale(string path)
    {
        if (!Path.Exists(path) && new FileInfo(path).LinkTarget is null)
            return;
        if (FileStatus.TryRead(path) is not { Kind: FileKind.Socket })
        {
            // No daemon has left this: it is somebody's.
            DurableFile.SetAside(path);
            return;
        }

        using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }

        throw new VirtException(
            VirtErrorCode.SystemError, $"another daemon answers on {path}", path, "Stop it first, or start this one with another --root.");
    }

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
