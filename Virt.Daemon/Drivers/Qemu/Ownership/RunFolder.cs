using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Native;

namespace Virt.Daemon.Drivers.Qemu.Ownership;

/// <summary>
/// The folder of a run, the daemon's, and within it QEMU's own: what virtd notes there no guest can change, and what QEMU makes is
/// apart. Whose the inner one is tells, for as long as the guest runs, whom it runs as.
/// </summary>
internal static class RunFolder
{
    private const string Inner = "qemu";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>QEMU's own folder in that of a run.</summary>
    public static string OwnOf(string folder) => Path.Combine(folder, Inner);

    /// <summary>Makes both anew.</summary>
    public static void Make(string folder, QemuUser? user)
    {
        using HostFolder runs = HostFolder.OpenParent(folder, out string name);
        FolderTree.Delete(runs, name);
        using HostFolder made = runs.Make(name, Private);
        using HostFolder own = made.Make(Inner, Private);
        if (user is null)
            return;
        Give(own.Handle, own.Path, user.User, user.Group);
        // The user passes through to what is its own and to the sockets it is given.
        Give(made.Handle, folder, Accounts.Own, user.Group);
        FileOwner.SetMode(made.Handle, Private | UnixFileMode.GroupExecute);
    }

    /// <summary>The user and group that a run's processes run as; null when there is no such folder.</summary>
    public static (uint User, uint Group)? OwnerOf(string folder)
    {
        using SafeFileHandle? inner = HostPath.TryOpen(OwnOf(folder));
        return inner is not null && FileStatus.Of(inner) is var status ? (status.User, status.Group) : null;
    }

    /// <summary>Gives a socket, file or folder that virtd made in a folder of its own to a user.</summary>
    public static void Give(string path, uint user, uint group)
    {
        using SafeFileHandle made = HostPath.TryOpen(path) ?? throw FileErrors.Of(FileErrors.NoEntry, path);
        Give(made, path, user, group);
    }

    private static void Give(SafeFileHandle made, string path, uint user, uint group)
    {
        if (FileOwner.Set(made, user, group) is not 0 and var error)
            throw Virt.Native.LibC.Error(error, $"the owner of '{path}' cannot be changed", path);
    }

    /// <summary>Removes a run's folder.</summary>
    public static void Delete(string folder) => FolderTree.Delete(folder);
}
