using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Virt.Errors;
using Virt.Native;

namespace Virt.Daemon.Native;

/// <summary>
/// A path walked one name at a time, each by the descriptor of its folder, so that nobody can change what it leads to between a look
/// and a deed. It ends at a descriptor that stands for the file alone (O_PATH): nothing was opened yet.
/// </summary>
internal sealed unsafe partial class HostPath : IDisposable
{
    private const int PathOnly = 0x200000;
    private const int NoFollow = 0x20000;
    private const int NoFollowArm = 0x8000;
    private const int CloseOnExec = 0x80000;
    private const int MaximumLinks = 40;
    private const int MaximumPath = 4096;
    private const int NoEntry = 2;
    private const int NotFolder = 20;

    private HostPath(SafeFileHandle file, FileStatus folder, IReadOnlySet<uint> linkers) =>
        (File, Status, Folder, Linkers) = (file, FileStatus.Of(file), folder, linkers);

    /// <summary>The file.</summary>
    public SafeFileHandle File { get; }

    /// <summary>What it is.</summary>
    public FileStatus Status { get; }

    /// <summary>The folder it lies in.</summary>
    public FileStatus Folder { get; }

    /// <summary>Who made the symbolic links on the way, but for root and the daemon's user.</summary>
    public IReadOnlySet<uint> Linkers { get; }

    /// <summary>The path without links, as the kernel knows it.</summary>
    public string RealPath => System.IO.File.ResolveLinkTarget($"/proc/self/fd/{File.DangerousGetHandle()}", returnFinalTarget: false)?.FullName ?? "";

    private static int NoFollowFlag =>
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? NoFollowArm : NoFollow;

    /// <summary>Walks a path; null when there is no such file.</summary>
    /// <exception cref="VirtException">It cannot be walked.</exception>
    public static HostPath? Find(string path)
    {
        var names = new Stack<string>(Names(path));
        var linkers = new HashSet<uint>();
        int links = 0;
        SafeFileHandle folder = OpenRoot();
        FileStatus parent = FileStatus.Of(folder);
        while (names.TryPop(out string? name))
        {
            if (TryOpenIn(folder, name) is not { } next)
            {
                folder.Dispose();
                return null;
            }

            FileStatus status = FileStatus.Of(next);
            if (status.Kind != FileKind.Link)
            {
                parent = FileStatus.Of(folder);
                folder.Dispose();
                folder = next;
                continue;
            }

            string target = ReadLink(next);
            next.Dispose();
            if (++links > MaximumLinks)
                throw new VirtException(VirtErrorCode.SystemError, $"'{path}' has too many symbolic links", path);
            if (status.User != 0 && status.User != Accounts.Own)
                linkers.Add(status.User);
            foreach (string part in Names(target))
                names.Push(part);
            if (!target.StartsWith('/'))
                continue;
            folder.Dispose();
            folder = OpenRoot();
        }

        return new HostPath(folder, parent, linkers);
    }

    /// <summary>Opens what a path names itself, not what a link there leads to; null when it is not there.</summary>
    public static SafeFileHandle? TryOpen(string path)
    {
        int fd = OpenPath(path, PathOnly | NoFollowFlag | CloseOnExec, 0);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => File.Dispose();

    private static IEnumerable<string> Names(string path) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(name => name != ".").Reverse();

    private static SafeFileHandle OpenRoot() => TryOpen("/") ?? throw LibC.LastError("'/' cannot be opened");

    private static SafeFileHandle? TryOpenIn(SafeFileHandle folder, string name)
    {
        int fd = OpenIn(folder, name, PathOnly | NoFollowFlag | CloseOnExec, 0);
        if (fd >= 0)
            return new SafeFileHandle(fd, ownsHandle: true);
        int error = Marshal.GetLastPInvokeError();
        return error is NoEntry or NotFolder ? null : throw LibC.Error(error, $"'{name}' cannot be opened", name);
    }

    private static string ReadLink(SafeFileHandle link)
    {
        byte* text = stackalloc byte[MaximumPath];
        nint length = ReadLinkAt(link, "", text, MaximumPath);
        return length >= 0 ? Encoding.UTF8.GetString(text, (int)length) : throw LibC.LastError("a symbolic link cannot be read");
    }

    [LibraryImport(LibC.Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenPath(string path, int flags, uint mode);

    [LibraryImport(LibC.Name, EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenIn(SafeHandle folder, string path, int flags, uint mode);

    [LibraryImport(LibC.Name, EntryPoint = "readlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ReadLinkAt(SafeHandle link, string path, byte* text, nuint size);
}
