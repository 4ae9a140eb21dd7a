using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>Changes a virtio-mem device of a running guest: how much of it the guest is to take.</summary>
internal static class MemoryUpdate
{
    /// <summary>Makes the change; the guest follows in its own time, and QEMU tells how far it came.</summary>
    public static async Task ApplyAsync(LiveChange change, MemoryDevice memory)
    {
        if (!change.Names.Contains("target") || memory.Element.Element("target")?.Element("requested") is not { } requested)
            return;
        await change.ExecuteAsync(GuestPart.Command("qom-set", new JsonObject
        {
            ["path"] = DeviceUnplugger.PathOf(memory.Alias), ["property"] = "requested-size", ["value"] = ScaledSize.Read(requested, "KiB"),
        })).ConfigureAwait(false);
    }
}
