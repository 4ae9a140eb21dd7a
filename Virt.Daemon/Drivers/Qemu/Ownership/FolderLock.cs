using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Native;

namespace Virt.Daemon.Drivers.Qemu.Ownership;

/// <summary>
/// Takes a folder tree from another user, from the top down, so that it can be removed by its paths: where another process of that
/// user could still make links, root would follow them.
/// </summary>
internal static class FolderLock
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Closes the tree to everyone but the daemon; what is not there is closed.</summary>
    public static void Close(string path)
    {
        using SafeFileHandle? folder = HostPath.TryOpen(path);
        if (folder is null || FileStatus.Of(folder) is not { Kind: FileKind.Folder } status)
            return;
        if (status.User != Accounts.Own && FileOwner.Set(folder, Accounts.Own, Accounts.OwnGroup) != 0)
            return;
        if (status.User != Accounts.Own)
            FileOwner.SetMode(folder, Private);
        string held = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{folder.DangerousGetHandle()}");
        foreach (string inner in Directory.GetDirectories(held))
            Close(Path.Combine(held, Path.GetFileName(inner)));
    }
}
