using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>What of a disk does not go together.</summary>
internal static class DiskRules
{
    /// <summary>Throws for the first that does not.</summary>
    public static void Check(XElement disk, DiskSource? source, DiskDriver driver, DiskTarget target)
    {
        _ = disk.Choice("snapshot", "no", "internal", "external", "manual");
        string kind = disk.Text("device")!;
        if (kind == "lun")
            CheckPassThrough(disk, source, driver);
        else
            CheckNoPassThrough(disk, source);
        CheckAccess(disk, source, driver, target, kind);
        CheckStartupPolicy(disk, source, kind);
        if (disk.Element("transient") is { } transient)
            CheckTransient(transient, disk, source, target, kind);
        if (driver.CopyOnRead)
            CheckCopyOnRead(disk, kind);
    }

    private static void CheckPassThrough(XElement disk, DiskSource? source, DiskDriver driver)
    {
        if (source is { CanPassThrough: false })
            throw XmlFault.Unsupported(disk, "only block devices and iSCSI units are passed through (device='lun')", "Use device='disk'.");
        if (driver.Format != "raw")
            throw XmlFault.Unsupported(disk, $"what is passed through (device='lun') is raw, not '{driver.Format}'");
        if (source is { IsEncrypted: true } or { IsSlice: true })
            throw XmlFault.Unsupported(disk, "what is passed through (device='lun') is neither encrypted nor a slice");
        if (disk.Attribute("sgio") is { Value: "unfiltered" } sgio)
            throw XmlFault.Unsupported(sgio, "unfiltered SCSI commands are not supported any more", "Remove the attribute.");
        _ = (disk.Choice("sgio", "filtered"), disk.Flag("rawio"));
    }

    private static void CheckNoPassThrough(XElement disk, DiskSource? source)
    {
        if ((disk.Attribute("rawio") ?? disk.Attribute("sgio")) is { } raw)
            throw XmlFault.Unsupported(raw, "only a disk with device='lun' has it");
        if (source is not null && disk.Element("source")!.Element("reservations") is { } reservations)
            throw XmlFault.Unsupported(reservations, "only a disk with device='lun' has reservations");
    }

    private static void CheckAccess(XElement disk, DiskSource? source, DiskDriver driver, DiskTarget target, string kind)
    {
        XElement? readOnly = disk.Element("readonly");
        if (readOnly is not null && kind == "disk" && target.Bus is "ide" or "sata")
        {
            throw XmlFault.Unsupported(
                readOnly, $"a disk with bus='{target.Bus}' cannot be read-only", "Use bus='virtio' or bus='scsi'.");
        }

        if (disk.Element("shareable") is { } shareable && driver.Format != "raw" && readOnly is null)
            throw XmlFault.Unsupported(shareable, $"only raw images can be shared, not '{driver.Format}'");
        if (source is { IsFolder: true } && readOnly is null)
            throw XmlFault.Unsupported(disk, "a folder is shown read-only", "Add the element readonly.");
    }

    private static void CheckStartupPolicy(XElement disk, DiskSource? source, string kind)
    {
        if (disk.Element("source")?.Choice("startupPolicy", "mandatory", "requisite", "optional") is not { } policy)
            return;
        XAttribute at = disk.Element("source")!.Attribute("startupPolicy")!;
        if (source is { IsLocal: false })
            throw XmlFault.Invalid(at, "whether a disk over the network is there is not known before the start");
        if (policy == "requisite" && kind is not ("cdrom" or "floppy"))
            throw XmlFault.Invalid(at, "only CD-ROM and floppy drives can be 'requisite'");
    }

    private static void CheckTransient(XElement transient, XElement disk, DiskSource? source, DiskTarget target, string kind)
    {
        if (source is null)
            throw XmlFault.Unsupported(transient, "the drive is empty");
        if (disk.Element("readonly") is not null)
            throw XmlFault.Unsupported(transient, "the disk is read-only");
        if (disk.Text("type") != "file" || kind != "disk")
            throw XmlFault.Unsupported(transient, "only a disk with type='file' and device='disk' can be transient");
        if (transient.Flag("shareBacking") == true && target.Bus is not ("usb" or "virtio" or "scsi"))
            throw XmlFault.Unsupported(transient, $"a disk with bus='{target.Bus}' cannot share its image");
    }

    private static void CheckCopyOnRead(XElement disk, string kind)
    {
        XElement driver = disk.Element("driver")!;
        if (disk.Element("readonly") is not null || kind is not "disk")
            throw XmlFault.Unsupported(driver.Attribute("copy_on_read")!, "only a disk with device='disk' that can be written has it");
    }
}
