using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Native;

namespace Virt.Daemon.Files;

/// <summary>
/// Whole folder trees of which another user may own a part and change it all the while. Each step goes by descriptors, no link is
/// followed, and nothing on another file system is touched.
/// </summary>
internal static class FolderTree
{
    private const int MaximumDepth = 128;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Removes a tree, or whatever has its name; false when there is nothing.</summary>
    /// <exception cref="IOException">Something of it cannot be removed.</exception>
    public static bool Delete(string path)
    {
        string whole = path.TrimEnd('/');
        using HostFolder? folder = HostFolder.TryOpen(Path.GetDirectoryName(whole)!);
        return folder is not null && Delete(folder, Path.GetFileName(whole));
    }

    /// <summary>Removes what has a name in a folder, with all that is in it; false when there is nothing.</summary>
    public static bool Delete(HostFolder folder, string name)
    {
        using SafeFileHandle? found = folder.TryFind(name);
        if (found is null)
            return false;
        if (FileStatus.Of(found) is { Kind: FileKind.Folder } status)
            Remove(folder, name, status.Device, depth: 0);
        else
            folder.Delete(name);
        return true;
    }

    /// <summary>
    /// Gives a folder with what is in it to a user. The folder goes last: until then nobody else can change what is in it. Links, and
    /// files with a second name, are left alone.
    /// </summary>
    /// <param name="parent">What the folder lies in.</param>
    /// <param name="name">The folder; what is none, or not there, is left alone.</param>
    /// <param name="user">The user.</param>
    /// <param name="group">The group.</param>
    public static void Give(HostFolder parent, string name, uint user, uint group)
    {
        using HostFolder? folder = parent.TryEnter(name);
        if (folder is not null && folder.Status is var status && (status.User, status.Group) != (user, group))
            Give(folder, status, user, group, depth: 0);
    }

    private static void Give(HostFolder folder, FileStatus status, uint user, uint group, int depth)
    {
        Demand(depth, folder.Path);
        Close(folder, status);
        foreach (string name in folder.List())
        {
            using SafeFileHandle? found = folder.TryFind(name);
            if (found is null || FileStatus.Of(found) is var inner && inner.Device != status.Device)
                continue;
            if (inner is { Kind: FileKind.File, Links: 1 })
                _ = FileOwner.Set(found, user, group);
            else if (inner.Kind == FileKind.Folder && folder.TryEnter(name) is { } next)
                using (next)
                    Give(next, inner, user, group, depth + 1);
        }

        _ = FileOwner.Set(folder.Handle, user, group);
    }

    private static void Remove(HostFolder parent, string name, ulong device, int depth)
    {
        Demand(depth, parent.PathOf(name));
        using (HostFolder? folder = parent.TryEnter(name))
        {
            if (folder is not null && folder.Status is var status)
            {
                if (status.Device != device)
                    throw new UnsuitableFileException($"'{folder.Path}' is on another file system, and is not removed");
                Close(folder, status);
                foreach (string inner in folder.List())
                {
                    if (folder.Find(inner) is { Kind: FileKind.Folder })
                        Remove(folder, inner, device, depth + 1);
                    else
                        folder.Delete(inner);
                }
            }
        }

        int error = OpenCalls.Remove(parent.Handle, name, isFolder: true);
        if (error == FileErrors.NotFolder)
            parent.Delete(name);
        else if (error is not (0 or FileErrors.NoEntry))
            throw FileErrors.Of(error, parent.PathOf(name));
    }

    // Closed to its owner, so that nothing comes in again while it is emptied.
    private static void Close(HostFolder folder, FileStatus status)
    {
        if (status.User == Accounts.Own || FileOwner.Set(folder.Handle, Accounts.Own, Accounts.OwnGroup) != 0)
            return;
        FileOwner.SetMode(folder.Handle, Private);
    }

    private static void Demand(int depth, string path)
    {
        if (depth > MaximumDepth)
            throw new UnsuitableFileException($"'{path}' lies in more than {MaximumDepth} folders");
    }
}
