using System.Xml.Linq;
using Virt.Daemon.Drivers.Storage;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;
using Virt.Storage;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>Lists the devices of domains.</summary>
internal sealed class DeviceLister(DeviceQuery query, CancellationToken cancel)
{
    private readonly Lazy<HostNeighbours> _neighbours = new(HostNeighbours.Read);

    /// <summary>The devices of a domain.</summary>
    public async Task<DomainDeviceList> ListAsync(DomainSupervisor domain)
    {
        // Each is read once: what happens meanwhile must not make a device of one appear with a presence of the other.
        (DomainDefinition? live, DomainDefinition? config) = (domain.Run?.ParseLive(), domain.Config?.Parse());
        bool inactive = live is null || (query.Inactive && config is not null);
        XElement[] shown = Devices(inactive ? config : live);
        IReadOnlyList<XElement?> pairs = DeviceMatcher.Pair(shown, Devices(inactive ? live : config));
        ChangeScope alone = inactive ? ChangeScope.Config : ChangeScope.Live;
        DeviceRecord[] devices = await Task.WhenAll(
            shown.Zip(pairs).Where(pair => query.Kinds is null || query.Kinds.Contains(pair.First.Name.LocalName))
                .Select(pair => DescribeAsync(pair.First, pair.Second is null ? alone : ChangeScope.Both, active: !inactive))).ConfigureAwait(false);
        return new DomainDeviceList(domain.Uuid, domain.Name, devices);
    }

    private static XElement[] Devices(DomainDefinition? definition) =>
        [.. definition?.Root.Elements("devices").Elements().Where(DeviceOrder.IsDevice) ?? []];

    private async Task<DeviceRecord> DescribeAsync(XElement device, ChangeScope presence, bool active)
    {
        string kind = device.Name.LocalName;
        ImageRecord? image = query.Details && kind == "disk" ? await ReadImageAsync(device).ConfigureAwait(false) : null;
        IReadOnlyList<string> addresses = query.Details && active && kind == "interface"
            ? _neighbours.Value.AddressesOf(DeviceElement.Attribute(device, "mac", "address"))
            : [];
        return new DeviceRecord(kind, DeviceElement.ToXml(device), active ? DeviceElement.Alias(device) : null, presence, image, addresses);
    }

    private async Task<ImageRecord?> ReadImageAsync(XElement disk)
    {
        if ((DeviceElement.Attribute(disk, "source", "file") ?? DeviceElement.Attribute(disk, "source", "dev")) is not { } path)
            return null;
        try
        {
            return await ImageInspector.ReadAsync(path, DeviceElement.Attribute(disk, "driver", "type") ?? "raw", cancel, _ => true).ConfigureAwait(false);
        }
        catch (VirtException)
        {
            // The list is still right without what cannot be read.
            return null;
        }
    }
}
