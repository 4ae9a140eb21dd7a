using System.Xml.Linq;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Addresses;

/// <summary>A place on a disk controller: libvirt's <c>address type='drive'</c>.</summary>
/// <param name="Controller">The controller's index.</param>
/// <param name="Bus">The channel.</param>
/// <param name="Target">The SCSI target.</param>
/// <param name="Unit">The unit, LUN or drive.</param>
internal readonly record struct DriveAddress(int Controller, int Bus, int Target, int Unit)
{
    private const int SataPorts = 6;
    private const int NarrowUnits = 7;

    /// <summary>Reads the address; null when the device has none.</summary>
    public static DriveAddress? Read(XElement device)
    {
        if (device.Element("address") is not { } address)
            return null;
        if (address.Text("type") != "drive")
            throw XmlFault.Invalid(address, $"a disk on this bus has an address of type 'drive', not '{address.Text("type")}'");
        return new DriveAddress(
            address.Integer("controller", 0, 255) ?? 0, address.Integer("bus", 0, 255) ?? 0, address.Integer("target", 0, 255) ?? 0,
            address.Integer("unit", 0, 16383) ?? 0);
    }

    /// <summary>The place libvirt derives from the number in a target name: sda is 0, sdb is 1.</summary>
    public static DriveAddress FromIndex(string bus, int index) => bus switch
    {
        "sata" => new(index / SataPorts, 0, 0, index % SataPorts),
        "ide" => new(index / 4, index / 2 % 2, 0, index % 2),
        "fdc" => new(index / 2, 0, 0, index % 2),
        _ => new(index / NarrowUnits, 0, 0, index % NarrowUnits),
    };

    /// <summary>Writes the address into the device's element.</summary>
    public void Write(XElement device)
    {
        XElement address = device.GetOrAdd("address");
        address.SetAttributeValue("type", "drive");
        address.SetAttributeValue("controller", Controller);
        address.SetAttributeValue("bus", Bus);
        address.SetAttributeValue("target", Target);
        address.SetAttributeValue("unit", Unit);
    }
}
