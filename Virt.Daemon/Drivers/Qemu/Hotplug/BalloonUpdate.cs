using System.Text.Json.Nodes;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Devices;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>Changes the balloon of a running guest: how often the guest reports its use of memory.</summary>
internal static class BalloonUpdate
{
    /// <summary>Makes the change.</summary>
    public static async Task ApplyAsync(LiveChange change, BalloonDevice balloon)
    {
        if (balloon.IsNone || !change.Names.Contains("stats"))
            return;
        long period = balloon.Element.Element("stats")?.Number("period", 0, int.MaxValue) ?? 0;
        await change.ExecuteAsync(GuestPart.Command("qom-set", new JsonObject
        {
            ["path"] = DeviceUnplugger.PathOf(balloon.Alias), ["property"] = "guest-stats-polling-interval", ["value"] = period,
        })).ConfigureAwait(false);
    }
}
