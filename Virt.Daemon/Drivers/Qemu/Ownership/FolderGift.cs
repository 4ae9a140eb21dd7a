using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Native;

namespace Virt.Daemon.Drivers.Qemu.Ownership;

/// <summary>Gives a folder with what is in it to a user. The folder goes last, and links are left alone: until then only root can make some.</summary>
internal static class FolderGift
{
    /// <summary>Gives it, unless it is the user's already.</summary>
    public static void Give(string path, uint user, uint group)
    {
        using SafeFileHandle? folder = HostPath.TryOpen(path);
        if (folder is null || FileStatus.Of(folder) is not { Kind: FileKind.Folder } status || (status.User, status.Group) == (user, group))
            return;
        if (status.User != Accounts.Own)
            FolderLock.Close(path);
        string held = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{folder.DangerousGetHandle()}");
        foreach (string entry in Directory.GetFileSystemEntries(held))
        {
            string inner = Path.Combine(held, Path.GetFileName(entry));
            using SafeFileHandle? file = HostPath.TryOpen(inner);
            if (file is not null && FileStatus.Of(file) is { Kind: FileKind.File, Links: 1 })
                _ = FileOwner.Set(file, user, group);
            else if (file is not null && FileStatus.Of(file).Kind == FileKind.Folder)
                Give(inner, user, group);
        }

        _ = FileOwner.Set(folder, user, group);
    }
}
