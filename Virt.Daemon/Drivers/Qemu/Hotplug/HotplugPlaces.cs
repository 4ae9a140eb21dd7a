using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>Whether a running guest has a place for a device; a new PCI port can only be made at start.</summary>
internal static class HotplugPlaces
{
    /// <summary>Throws when the device would need a controller that cannot be plugged.</summary>
    /// <param name="domain">The domain's name.</param>
    /// <param name="device">The device that was asked for.</param>
    /// <param name="added">It and what it implies.</param>
    public static void Check(string domain, XElement device, IReadOnlyList<GuestDevice> added)
    {
        if (added.OfType<PciController>().FirstOrDefault(port => port.Element != device) is { } needed)
            throw NoPort(domain, device, needed.Model.Name);
        foreach (GuestDevice implied in added.Where(other => other.Element != device))
            DeviceHotplug.Check(domain, implied.Element);
    }

    private static VirtException NoPort(string domain, XElement device, string model) => new(
        VirtErrorCode.OperationUnsupported, $"domain '{domain}' has no free PCI port for the {DeviceElement.Describe(device)}", domain,
        model == "pcie-root-port"
            ? "Take out another device, or give the next start more ports: add <controller type='pci' model='pcie-root-port'/> with the scope Config."
            : $"Take out another device, or give the next start more slots: add <controller type='pci' model='{model}'/> with the scope Config.");
}
