using System.Xml.Linq;
using Virt.Errors;

namespace Virt.Domains.Definition;

/// <summary>Which devices can be plugged into a running PC and taken out of it.</summary>
internal static class DeviceHotplug
{
    /// <summary>Throws <see cref="VirtErrorCode.OperationUnsupported"/> for a device that a guest has from its start to its end.</summary>
    public static void Check(string domain, XElement device)
    {
        if (Obstacle(device) is { } obstacle)
        {
            throw DeviceErrors.NotLive(
                domain, $"a running guest cannot get or lose the {DeviceElement.Describe(device)}: {obstacle}",
                "Use the scope Config: it takes effect with the next start.");
        }
    }

    /// <summary>Whether a device of this kind can come and go while the guest runs.</summary>
    public static bool IsPluggable(XElement device) => Obstacle(device) is null;

    private static string? Obstacle(XElement device) => device.Name.LocalName switch
    {
        "disk" => Disk(Bus(device)),
        "controller" => (string?)device.Attribute("type") is "scsi" or "virtio-serial" or "usb"
            ? null
            : $"a controller of type '{(string?)device.Attribute("type")}' is a part of the machine",
        "filesystem" => DeviceElement.Attribute(device, "driver", "type") == "virtiofs"
            ? null
            : "only those with the driver virtiofs can be plugged, 9p cannot",
        "serial" => DeviceElement.Attribute(device, "target", "type") is "usb-serial" or "pci-serial"
            ? null
            : "only serial ports of type usb-serial or pci-serial can be plugged",
        "console" => DeviceElement.Attribute(device, "target", "type") is "virtio" ? null : "only consoles of type virtio can be plugged",
        "channel" => DeviceElement.Attribute(device, "target", "type") is null or "virtio" ? null : "only channels of type virtio can be plugged",
        "input" => (string?)device.Attribute("bus") is "usb" or "virtio" || (string?)device.Attribute("type") == "tablet"
            ? null
            : "those on PS/2 are a part of the machine",
        "watchdog" => (string?)device.Attribute("model") is "i6300esb" ? null : "only the model i6300esb can be plugged",
        "interface" or "rng" or "hostdev" or "memory" or "shmem" or "redirdev" or "vsock" => null,
        var kind => $"a {kind} cannot be plugged",
    };

    private static string? Disk(string? bus) =>
        bus is null or "virtio" or "scsi" or "usb" ? null : $"disks with bus='{bus}' cannot be plugged, those with virtio, scsi or usb can";

    private static string? Bus(XElement disk) => DeviceElement.Attribute(disk, "target", "bus") ?? DeviceElement.Attribute(disk, "target", "dev") switch
    {
        null => null,
        var name when name.StartsWith("vd", StringComparison.Ordinal) => "virtio",
        var name when name.StartsWith("hd", StringComparison.Ordinal) => "ide",
        var name when name.StartsWith("fd", StringComparison.Ordinal) => "fdc",
        _ => "scsi",
    };
}
