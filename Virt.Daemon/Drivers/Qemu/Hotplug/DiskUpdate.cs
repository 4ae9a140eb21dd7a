using System.Text.Json.Nodes;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>Changes a disk of a running guest: its medium, and its limits of I/O.</summary>
internal static class DiskUpdate
{
    /// <summary>Makes the change.</summary>
    public static async Task ApplyAsync(LiveChange change, DiskDevice old, DiskDevice disk)
    {
        bool media = DeviceDifference.IsRemovable(disk.Element) && (change.Names.Contains("source") || change.Names.Contains("@type") || change.Names.Contains("driver"));
        if (media)
        {
            GuestFiles.Check(change.Domain.Name, [disk.Element]);
            await ChangeMediumAsync(change, old, disk).ConfigureAwait(false);
        }

        if (disk.Source is not null && (media || change.Names.Contains("iotune")))
            await SetLimitsAsync(change, old, disk, media).ConfigureAwait(false);
    }

    private static async Task ChangeMediumAsync(LiveChange change, DiskDevice old, DiskDevice disk)
    {
        HostServices host = HostServices.Of(change.Domain, change.Run.Folder);
        IReadOnlyList<GuestFile> before = [.. old.Files], after = [.. disk.Files];
        IReadOnlyList<GuestFile> kept = before;
        try
        {
            if (host.User is { } user)
                host.Ownership!.Take(host.Uuid, old.Alias, after, user);
            await new DiskMedia(change, old, disk).ChangeAsync().ConfigureAwait(false);
            kept = after;
        }
        finally
        {
            host.Ownership!.Release(host.Uuid, old.Alias, kept.Select(file => file.Path).ToHashSet());
        }
    }

    private static async Task SetLimitsAsync(LiveChange change, DiskDevice old, DiskDevice disk, bool media)
    {
        PostStartCommand? limits = DiskThrottle.Read(disk.Element, disk.QomPath);
        bool limited = !media && DiskThrottle.Read(old.Element, old.QomPath) is not null;
        if (limits is null && !limited)
            return;
        JsonObject arguments = limits?.Arguments ?? DiskThrottle.None(disk.QomPath);
        await change.ExecuteAsync(GuestPart.Command("block_set_io_throttle", arguments)).ConfigureAwait(false);
    }
}
