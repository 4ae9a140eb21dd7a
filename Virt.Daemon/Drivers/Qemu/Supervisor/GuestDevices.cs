using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Store;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>A disk as statistics name it.</summary>
/// <param name="Target">As <c>vda</c>.</param>
/// <param name="Source">The file or device; null when empty.</param>
/// <param name="Alias">QEMU's device id.</param>
internal sealed record GuestDisk(string Target, string? Source, string Alias);

/// <summary>The devices of a live definition that have counters.</summary>
/// <param name="Definition">Where they come from.</param>
/// <param name="Disks">Disks.</param>
/// <param name="HostInterfaces">Host interfaces of network cards that have one (tap).</param>
/// <param name="Balloon">The balloon's device id; null without one.</param>
/// <param name="Aliases">All device ids.</param>
internal sealed record GuestDevices(
    StoredDefinition Definition, IReadOnlyList<GuestDisk> Disks, IReadOnlyList<string> HostInterfaces, string? Balloon, IReadOnlySet<string> Aliases)
{
    /// <summary>Reads them from a live definition.</summary>
    public static GuestDevices From(StoredDefinition definition)
    {
        XElement? devices = definition.Parse().Root.Element("devices");
        return new GuestDevices(
            definition,
            [.. (devices?.Elements("disk") ?? []).Select(Disk).OfType<GuestDisk>()],
            [.. (devices?.Elements("interface") ?? []).Select(nic => (string?)nic.Element("target")?.Attribute("dev")).OfType<string>()],
            devices?.Elements("memballoon").Where(balloon => (string?)balloon.Attribute("model") != "none").Select(Alias).FirstOrDefault(),
            new HashSet<string>(devices?.Elements().Select(Alias).OfType<string>() ?? [], StringComparer.Ordinal));
    }

    private static GuestDisk? Disk(XElement disk)
    {
        XElement? source = disk.Element("source");
        return (string?)disk.Element("target")?.Attribute("dev") is { } target && Alias(disk) is { } alias
            ? new GuestDisk(target, (string?)(source?.Attribute("file") ?? source?.Attribute("dev")), alias)
            : null;
    }

    private static string? Alias(XElement device) => (string?)device.Element("alias")?.Attribute("name");
}
