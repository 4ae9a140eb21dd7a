using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The <c>target</c> of a disk: its name, unique in the domain, and the bus; a missing bus follows from the
/// name.</summary>
/// <param name="Name">As <c>vda</c>.</param>
/// <param name="Bus"><c>virtio</c>, <c>sata</c>, <c>ide</c>, <c>scsi</c>, <c>usb</c>, <c>fdc</c>; <c>sd</c>, <c>xen</c> and <c>uml</c>
/// are kept for other machines.</param>
/// <param name="Index">The number in the name: a is 0, z is 25, aa is 26.</param>
internal sealed record DiskTarget(string Name, string Bus, int Index)
{
    private const int MaximumLetters = 3;
    private static readonly string[] Prefixes = ["vd", "hd", "sd", "fd", "xvd", "ubd"];

    /// <summary>Reads the target and writes the bus back.</summary>
    public static DiskTarget Read(XElement disk, string kind)
    {
        XElement element = disk.Element("target") ?? throw XmlFault.Invalid(disk, "the element target is missing");
        string name = element.Required("dev");
        if (Array.Find(Prefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal)) is not { } prefix
            || IndexOf(name[prefix.Length..]) is not { } index)
            throw XmlFault.Invalid(
                element.Attribute("dev")!, $"'{name}' is not a disk name", "Use a name as vda, sda, hda or fda.");
        string bus = element.Choice("bus", "virtio", "sata", "ide", "scsi", "usb", "fdc", "xen", "uml", "sd") ?? prefix switch
        {
            _ when kind == "floppy" => "fdc",
            "vd" => "virtio",
            "hd" => "ide",
            "sd" => "scsi",
            _ => throw XmlFault.Unsupported(element, $"a disk '{name}' needs the attribute bus"),
        };
        if ((bus == "fdc") != (kind == "floppy"))
            throw XmlFault.Invalid(element, $"a disk with device='{kind}' cannot be on bus='{bus}'");
        if (bus is "virtio" or "sd" && kind == "cdrom")
            throw XmlFault.Unsupported(element, $"a CD-ROM cannot be on bus='{bus}'", "Use bus='sata' or bus='scsi'.");
        if (kind == "lun" && bus is not ("virtio" or "scsi"))
            throw XmlFault.Unsupported(element, $"a disk with device='lun' cannot be on bus='{bus}'", "Use bus='scsi'.");
        if ((prefix == "fd") != (kind == "floppy") && kind != "cdrom")
            throw XmlFault.Invalid(element.Attribute("dev")!, $"a disk with device='{kind}' cannot be called '{name}'");
        if (element.Attribute("removable") is { } removable && bus != "usb")
            throw XmlFault.Invalid(removable, "only a disk with bus='usb' has it");
        if (element.Attribute("tray") is { } tray && kind is not ("cdrom" or "floppy"))
            throw XmlFault.Unsupported(tray, "only CD-ROM and floppy drives have a tray");
        _ = element.Choice("tray", "open", "closed");
        element.SetAttributeValue("bus", bus);
        return new DiskTarget(name, bus, index);
    }

    private static int? IndexOf(string letters)
    {
        if (letters.Length is 0 or > MaximumLetters || !letters.All(char.IsAsciiLetterLower))
            return null;
        int index = 0;
        foreach (char letter in letters)
            index = (index * 26) + (letter - 'a' + 1);
        return index - 1;
    }
}
