using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Virt.Native;

namespace Virt.Daemon.Files;

/// <summary>
/// The calls of the kernel that take a folder's descriptor and one name (openat(2) and its relatives). Nothing else in the daemon makes
/// them, and none of them follows a link.
/// </summary>
internal static unsafe partial class OpenCalls
{
    /// <summary>To read.</summary>
    public const int ReadOnly = 0;

    /// <summary>To write.</summary>
    public const int WriteOnly = 1;

    /// <summary>To read and write.</summary>
    public const int ReadWrite = 2;

    /// <summary>Make it.</summary>
    public const int Create = 0x40;

    /// <summary>It must not be there.</summary>
    public const int Exclusive = 0x80;

    /// <summary>Every write lands at the end.</summary>
    public const int Append = 0x400;

    /// <summary>Wait for nobody: not for the other end of a FIFO either.</summary>
    public const int NonBlocking = 0x800;

    /// <summary>A descriptor that stands for the file and does not open it.</summary>
    public const int PathOnly = 0x200000;

    private const int NoControllingTerminal = 0x100;
    private const int CloseOnExec = 0x80000;
    private const int RemoveFolderFlag = 0x200;
    private const int NoReplaceFlag = 1;

    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    /// <summary>Only a folder.</summary>
    public static int FolderOnly { get; } = IsArm ? 0x4000 : 0x10000;

    private static int NoFollow { get; } = IsArm ? 0x8000 : 0x20000;

    /// <summary>Opens what a folder has by a name; the errno says why it could not.</summary>
    public static SafeFileHandle? TryOpen(SafeHandle folder, string name, int flags, UnixFileMode mode, out int error)
    {
        int fd = OpenIn(folder, name, flags | NoFollow | CloseOnExec | NoControllingTerminal, (uint)mode);
        error = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        return fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>Opens the root of all paths, as a path only.</summary>
    public static SafeFileHandle OpenRoot()
    {
        int fd = OpenPath("/", PathOnly | FolderOnly | CloseOnExec, 0);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw FileErrors.Of(Marshal.GetLastPInvokeError(), "/");
    }

    /// <summary>Opens once more the very file that a descriptor stands for, whatever its names are by now.</summary>
    public static SafeFileHandle? TryReopen(SafeHandle file, int flags, out int error)
    {
        // The link of the kernel's is that file, not its name.
        int fd = OpenPath(PathOf(file), flags | CloseOnExec | NoControllingTerminal, 0);
        error = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        return fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>The path of a descriptor for this process.</summary>
    public static string PathOf(SafeHandle file) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/proc/self/fd/{file.DangerousGetHandle()}");

    /// <summary>Where a link leads; null when it cannot be read.</summary>
    public static string? ReadLink(SafeHandle link)
    {
        const int maximum = 4096;
        byte* text = stackalloc byte[maximum];
        nint length = ReadLinkAt(link, "", text, maximum);
        return length >= 0 ? System.Text.Encoding.UTF8.GetString(text, (int)length) : null;
    }

    /// <summary>Removes a name.</summary>
    /// <returns>0, or the errno.</returns>
    public static int Remove(SafeHandle folder, string name, bool isFolder) =>
        Answer(RemoveIn(folder, name, isFolder ? RemoveFolderFlag : 0));

    /// <summary>Makes a folder.</summary>
    /// <returns>0, or the errno.</returns>
    public static int MakeFolder(SafeHandle folder, string name, UnixFileMode mode) => Answer(MakeIn(folder, name, (uint)mode));

    /// <summary>Gives a file another name.</summary>
    /// <returns>0, or the errno.</returns>
    public static int Rename(SafeHandle folder, string name, SafeHandle target, string newName, bool replace) =>
        Answer(RenameIn(folder, name, target, newName, replace ? 0u : NoReplaceFlag));

    /// <summary>Gives a file a second name.</summary>
    /// <returns>0, or the errno.</returns>
    public static int Link(SafeHandle folder, string name, SafeHandle target, string newName) => Answer(LinkIn(folder, name, target, newName, 0));

    /// <summary>Makes a symbolic link.</summary>
    /// <returns>0, or the errno.</returns>
    public static int SymbolicLink(string leadsTo, SafeHandle folder, string name) => Answer(SymbolicLinkIn(leadsTo, folder, name));

    /// <summary>Makes what was written to a file, or done in a folder, durable.</summary>
    /// <returns>0, or the errno.</returns>
    public static int Flush(SafeHandle file) => Answer(Synchronize(file));

    private static int Answer(int result) => result == 0 ? 0 : Marshal.GetLastPInvokeError();

    [LibraryImport(LibC.Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenPath(string path, int flags, uint mode);

    [LibraryImport(LibC.Name, EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenIn(SafeHandle folder, string name, int flags, uint mode);

    [LibraryImport(LibC.Name, EntryPoint = "readlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ReadLinkAt(SafeHandle link, string name, byte* text, nuint size);

    [LibraryImport(LibC.Name, EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RemoveIn(SafeHandle folder, string name, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeIn(SafeHandle folder, string name, uint mode);

    [LibraryImport(LibC.Name, EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameIn(SafeHandle folder, string name, SafeHandle target, string newName, uint flags);

    [LibraryImport(LibC.Name, EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkIn(SafeHandle folder, string name, SafeHandle target, string newName, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "symlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SymbolicLinkIn(string leadsTo, SafeHandle folder, string name);

    [LibraryImport(LibC.Name, EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(SafeHandle file);
}
