using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Logs;

/// <summary>Empties the files to which a device appends, unless its definition wants what is there to stay.</summary>
internal sealed class EmptiedFiles(IEnumerable<GuestFile> files) : IHostResource
{
    /// <inheritdoc/>
    public ValueTask AcquireAsync(HostServices host, CancellationToken cancel)
    {
        foreach (GuestFile file in files.Where(file => file.IsEmptied && HostFile.Exists(file.Path, LinkRule.Reported)))
            Empty(file, host);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(HostServices host) => ValueTask.CompletedTask;

    private static void Empty(GuestFile file, HostServices host)
    {
        try
        {
            using SafeFileHandle opened = HostFile.OpenWrite(file.Path);
            // Whoever could not write it itself does not have it emptied either.
            if (host.User is not { } user || UserRights.Ask(user, opened, UserRights.Write) == 0)
                RandomAccess.SetLength(opened, 0);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw VirtException.Create(
                VirtErrorCode.SystemError, $"the {file.What} '{file.Path}' cannot be emptied: {failed.Message}", file.Path,
                "Name a file that is the guest's own, or keep what is there with append='on'.", failed);
        }
    }
}
