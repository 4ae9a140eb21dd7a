using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The formats of images: libvirt's words and QEMU's.</summary>
internal static class DiskFormat
{
    private static readonly string[] Formats =
        ["raw", "qcow2", "qcow", "qed", "vmdk", "vpc", "vdi", "vhdx", "parallels", "bochs", "cloop", "dmg", "fat"];

    /// <summary>QEMU's name of the format that an attribute names; raw, or fat for a folder, when it names none.</summary>
    public static string Read(XElement at, string attribute, bool isFolder) => at.Text(attribute) switch
    {
        null or "" => isFolder ? "fat" : "raw",
        "aio" => "raw",
        "vhd" => "vpc",
        "ploop" => "parallels",
        "luks" => throw XmlFault.Unsupported(
            at.Attribute(attribute)!, "a LUKS image has type='raw' here and an element encryption", "Write <encryption format='luks'> with its secret."),
        "dir" => throw XmlFault.Unsupported(at.Attribute(attribute)!, "it is not a format", "Use a disk with type='dir'."),
        "iso" => throw XmlFault.Unsupported(at.Attribute(attribute)!, "it is not a format of QEMU", "Use 'raw'."),
        "cow" => throw XmlFault.Unsupported(at.Attribute(attribute)!, "it is not a format of QEMU any more", "Convert the image to qcow2."),
        _ => at.Choice(attribute, Formats)!,
    };
}
