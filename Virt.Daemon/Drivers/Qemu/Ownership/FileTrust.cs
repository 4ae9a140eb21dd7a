using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Ownership;

/// <summary>
/// Whether a file may be given to QEMU's user. Whoever can write to a folder in which an image lies could put a link to a file of
/// somebody else there, and virtd would open that up.
/// </summary>
internal static class FileTrust
{
    private const int OthersWrite = 0x12;
    private const string SharedMemory = "/dev/shm";
    private const string SharedMark = "shared";
    private static readonly string[] Forbidden = ["/etc", "/proc", "/sys", SharedMemory, "/dev/mqueue"];

    /// <summary>Throws unless it may.</summary>
    /// <param name="file">The file as QEMU is to have it.</param>
    /// <param name="found">Where the path leads.</param>
    /// <param name="owner">Whose it is when no guest has it.</param>
    /// <param name="own">Folders of the daemon that no guest has anything to do with.</param>
    public static void Check(GuestFile file, HostPath found, uint owner, IEnumerable<string> own)
    {
        string real = found.RealPath;
        if (found.Status.Kind == FileKind.Folder)
            throw Refused(file, "it is a folder", "Give QEMU's user the rights on it yourself.");
        if (found.Status.Kind is FileKind.Pipe or FileKind.Link)
            throw Refused(file, "it is neither a file nor a device nor a socket", "Give QEMU's user the rights on it yourself.");
        if (found.Status.IsSetUser)
            throw Refused(file, "it runs with the rights of its owner (set-user-id)", "Take that bit off: chmod ug-s.");
        if (file.IsSharedMemory && Path.GetDirectoryName(real) == SharedMemory)
        {
            // Everybody makes files there, root's programs too.
            if (!IsMarked(found, real))
                throw Refused(file, $"virtd did not make it, but the user {owner}", "Remove it, and virtd makes it; or let guests have it by its own permissions.");
        }
        else if (Forbidden.Concat(own).Any(folder => real.StartsWith(folder + "/", StringComparison.Ordinal)))
            throw Refused(file, $"{real} belongs to the host", "Use a file that is the guest's own.");
        if (found.Linkers.FirstOrDefault(user => user != owner, owner) is var linker && linker != owner)
            throw Refused(file, $"a symbolic link of the user {linker} leads to a file of the user {owner}", "Name the file itself, or let root make the link.");
        if (found.Status is { Kind: FileKind.File, Links: > 1 } && !IsSafe(found.Folder, owner))
            throw Refused(file, $"it has {found.Status.Links} names, and others than its owner can change the folder it lies in", "Copy it, so that it has one name.");
    }

    /// <summary>Throws unless a file may be made in a folder.</summary>
    public static void CheckNew(GuestFile file, HostPath folder)
    {
        if (!(file.IsSharedMemory && folder.RealPath == SharedMemory) && Forbidden.Any(forbidden => (folder.RealPath + "/").StartsWith(forbidden + "/", StringComparison.Ordinal)))
            throw Refused(file, $"{folder.RealPath} belongs to the host", "Use a folder for files of guests.");
        if (folder.Linkers.Count > 0)
            throw Refused(file, $"a symbolic link of the user {folder.Linkers.First()} leads to its folder", "Name the folder itself, or let root make the link.");
    }

    /// <summary>Marks memory that virtd makes for guests to share.</summary>
    public static void Mark(SafeFileHandle memory) => FileAttribute.Write(memory, SharedMark, SharedMark);

    private static bool IsMarked(HostPath found, string path)
    {
        using SafeFileHandle opened = HostFile.Reopen(found.File, OpenCalls.ReadOnly, path);
        return FileAttribute.Read(opened, SharedMark) == SharedMark;
    }

    // Where only root or the owner can make names, nobody else made one for this file.
    private static bool IsSafe(FileStatus folder, uint owner) =>
        (folder.User == 0 || folder.User == owner || folder.User == Accounts.Own)
        && (folder.Mode & OthersWrite) == 0;

    private static VirtException Refused(GuestFile file, string reason, string action) => VirtException.Create(
        VirtErrorCode.OperationDenied, $"the {file.What} '{file.Path}' is not given to QEMU's user: {reason}", file.Path, action);
}
