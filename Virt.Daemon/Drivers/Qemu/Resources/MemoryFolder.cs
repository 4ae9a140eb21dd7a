using Virt.Daemon.Drivers.Qemu.Ownership;

namespace Virt.Daemon.Drivers.Qemu.Resources;

/// <summary>The folder in which QEMU makes the files of a guest's memory, which have no names once they are open.</summary>
internal sealed class MemoryFolder : IHostResource
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <inheritdoc/>
    public ValueTask AcquireAsync(HostServices host, CancellationToken cancel)
    {
        string folder = host.Folders.MemoryOf(host.Uuid);
        Folders.Make(folder, Private);
        if (host.User is { } user)
            RunFolder.Give(folder, user.User, user.Group);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(HostServices host)
    {
        FolderTree.Delete(host.Folders.MemoryOf(host.Uuid));
        return default;
    }
}
