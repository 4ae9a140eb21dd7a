using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Ownership;

/// <summary>Makes a file that QEMU would make itself, where its user may not.</summary>
internal static class GuestFileMaker
{
    /// <summary>Makes it, empty, unless it is there or the user can make it.</summary>
    public static void Make(GuestFile file, QemuUser user)
    {
        using SafeFileHandle? there = HostPath.TryOpen(file.Path);
        string folder = Path.GetDirectoryName(file.Path)!;
        // What one guest's user made itself would not be another's.
        if (there is not null || (file.Need != FileNeed.Share && UserRights.Ask(user, folder, UserRights.Write) == 0))
            return;
        using HostPath parent = HostPath.Find(folder, LinkRule.Reported) ?? throw VirtException.Create(
            VirtErrorCode.SystemError, $"the {file.What} '{file.Path}' cannot be made: there is no folder '{folder}'", file.Path, "Make the folder.");
        FileTrust.CheckNew(file, parent);
        try
        {
            using HostFolder held = HostFolder.Of(parent, folder);
            using SafeFileHandle made = held.Create(Path.GetFileName(file.Path));
            if (file.IsSharedMemory)
                FileTrust.Mark(made);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw VirtException.Create(
                VirtErrorCode.SystemError, $"the {file.What} '{file.Path}' cannot be made: {failed.Message}", file.Path, "Look at the folder.", failed);
        }
    }
}
