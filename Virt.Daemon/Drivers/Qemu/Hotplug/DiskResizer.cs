using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Daemon.Drivers.Storage;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;
using Virt.Storage;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>Grows the image of a disk; a running guest sees it at once. Runs in the job slot.</summary>
internal static class DiskResizer
{
    /// <summary>Grows it.</summary>
    public static async Task<DeviceChange> ResizeAsync(DomainSupervisor domain, string target, long capacity)
    {
        DiskSize.Check(target, capacity, current: null);
        GuestRun? run = domain.Run;
        DomainDefinition definition = run?.ParseLive() ?? domain.Config?.Parse() ?? throw domain.Invalid("is gone");
        var told = new XElement("disk", new XElement("target", new XAttribute("dev", target)));
        XElement element = DeviceMatcher.Find(definition.Section("devices"), told, live: run is not null)
            ?? throw DeviceErrors.Missing(domain.Name, told, live: run is not null);
        XElement shown = new(element);
        if (DeviceDifference.IsRemovable(element) || element.Element("readonly") is not null)
            throw domain.Invalid($"has a disk '{target}' that is only read", "Grow the image where it is made.");
        if (run is not null)
            await ResizeLiveAsync(domain, run, definition, element, target, capacity).ConfigureAwait(false);
        else
            await ResizeImageAsync(domain, element, target, capacity).ConfigureAwait(false);
        return new DeviceChange(domain.Snapshot(), DeviceElement.ToXml(shown), run is null ? ChangeScope.Config : ChangeScope.Live, []);
    }

    private static async Task ResizeLiveAsync(
        DomainSupervisor domain, GuestRun run, DomainDefinition definition, XElement element, string target, long capacity)
    {
        GuestDefinition guest = await domain.Services.Planner.ReadLiveAsync(definition, CancellationToken.None).ConfigureAwait(false);
        var disk = (DiskDevice)guest.Devices.First(device => device.Element == element);
        if (disk.Source?.Node is not { } node)
            throw domain.Invalid($"has no image in its disk '{target}'");
        DiskSize.Check(target, capacity, await BlockNodes.SizeAsync(domain, run, node).ConfigureAwait(false));
        try
        {
            await domain.ExecuteAsync(run, new QmpCommand("block_resize", arguments =>
            {
                arguments.WriteString("node-name", node);
                arguments.WriteNumber("size", capacity);
            })).ConfigureAwait(false);
        }
        catch (QmpException refused)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationFailed, $"QEMU does not grow the disk '{target}' of domain '{domain.Name}': {refused.Description}",
                domain.Name, "A block device of the host is grown there first.", refused);
        }
    }

    private static async Task ResizeImageAsync(DomainSupervisor domain, XElement disk, string target, long capacity)
    {
        string path = DeviceElement.Attribute(disk, "source", "file")
            ?? throw new VirtException(
                VirtErrorCode.OperationUnsupported, $"the disk '{target}' is not in a file", target, "Grow it where it is, or while the guest runs.");
        string format = DeviceElement.Attribute(disk, "driver", "type") ?? "raw";
        ImageRecord image = await ImageInspector.ReadAsync(path, format, CancellationToken.None, _ => true).ConfigureAwait(false);
        DiskSize.Check(target, capacity, image.Capacity);
        if (capacity > image.Capacity)
            await ImageGrower.GrowAsync(domain.Services.Users.Confinement(), image, capacity, CancellationToken.None).ConfigureAwait(false);
    }
}
