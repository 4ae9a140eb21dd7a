using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>What a disk tells the guest about itself: serial, WWN, vendor, product, block sizes, geometry.</summary>
internal sealed class DiskIdentity
{
    private readonly string? _serial;
    private readonly ulong? _worldWideName;
    private readonly string? _vendor;
    private readonly string? _product;
    private readonly long? _logicalBlock;
    private readonly long? _physicalBlock;
    private readonly long? _rotation;
    private readonly (long Cylinders, long Heads, long Sectors)? _geometry;
    private readonly string? _translation;

    public DiskIdentity(XElement disk, string bus)
    {
        string kind = disk.Text("device") ?? "disk";
        _serial = Text(disk, "serial", 255);
        if (Text(disk, "wwn", 18) is { } given)
        {
            string name = given.StartsWith("0x", StringComparison.Ordinal) ? given[2..] : given;
            _worldWideName = name.Length == 16
                && ulong.TryParse(name, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number)
                ? number
                : throw XmlFault.Invalid(disk.Element("wwn")!, $"'{name}' is not a WWN of 16 hexadecimal digits");
            Only(disk, "wwn", bus is "scsi" or "ide" or "sata", bus);
        }

        _vendor = Text(disk, "vendor", 8);
        _product = Text(disk, "product", 16);
        Only(disk, "vendor", bus == "scsi", bus);
        Only(disk, "product", bus == "scsi", bus);
        XElement? blocks = disk.Element("blockio");
        _logicalBlock = blocks?.Number("logical_block_size", 0, 1 << 21);
        _physicalBlock = blocks?.Number("physical_block_size", 0, 1 << 21);
        _rotation = disk.Element("target")!.Number("rotation_rate", 1, 65534);
        if (_rotation is not null && kind != "disk")
            throw XmlFault.Unsupported(disk.Element("target")!, $"a disk with device='{kind}' has no rotation rate");
        if (_rotation is not null && bus is not ("scsi" or "ide" or "sata"))
            throw XmlFault.Unsupported(disk.Element("target")!, $"a disk with bus='{bus}' has no rotation rate");
        if (kind == "lun" && (_worldWideName is not null || (_serial is not null && bus == "scsi") || (_vendor ?? _product) is not null))
            throw XmlFault.Unsupported(disk, "a SCSI device that is passed through tells its own serial, wwn, vendor and product");
        if (disk.Element("geometry") is { } geometry)
        {
            if (bus is "usb" or "sd")
                throw XmlFault.Unsupported(geometry, $"a disk with bus='{bus}' has no geometry");
            _translation = geometry.Choice("trans", "auto", "none", "lba");
            if (_translation is not (null or "auto") && bus != "ide")
                throw XmlFault.Unsupported(geometry.Attribute("trans")!, "only a disk with bus='ide' has it");
            _geometry = (
                geometry.Number("cyls", 1, 65535) ?? 0, geometry.Number("heads", 1, 255) ?? 0,
                geometry.Number("secs", 1, 255) ?? 0);
            Only(disk, "geometry", bus is "virtio" or "ide" or "sata" or "scsi", bus);
        }
    }

    /// <summary>Writes the properties.</summary>
    public void AddTo(JsonObject device, string? deviceId)
    {
        if (_worldWideName is { } name)
            device["wwn"] = name;
        device.With("device_id", _serial is null ? deviceId : null).With("serial", _serial).With("vendor", _vendor)
            .With("product", _product).With("rotation_rate", _rotation)
            .With("logical_block_size", _logicalBlock is 0 ? null : _logicalBlock)
            .With("physical_block_size", _physicalBlock is 0 ? null : _physicalBlock);
        if (_geometry is var (cylinders, heads, sectors))
            device.With("cyls", cylinders).With("heads", heads).With("secs", sectors).With("bios-chs-trans", _translation is "auto" ? null : _translation);
    }

    private static string? Text(XElement disk, string child, int maximum)
    {
        if (disk.Element(child) is not { } element || element.Value.Trim() is not { Length: > 0 } text)
            return null;
        return text.Length <= maximum && text.All(c => c is >= ' ' and <= '~')
            ? text
            : throw XmlFault.Invalid(
                element, $"'{text}' has more than {maximum} characters, or some that are not printable ASCII");
    }

    private static void Only(XElement disk, string child, bool allowed, string bus)
    {
        if (!allowed && disk.Element(child) is { } element)
            throw XmlFault.Unsupported(element, $"a disk with bus='{bus}' cannot have it");
    }
}
