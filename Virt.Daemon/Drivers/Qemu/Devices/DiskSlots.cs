using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Which places the disk controllers have, and how QEMU calls them.</summary>
internal static class DiskSlots
{
    /// <summary>Throws when the controller has no such place.</summary>
    public static void Check(XElement disk, DriveAddress drive, ControllerDevice controller)
    {
        (int bus, int target, int unit) = controller switch
        {
            SataController => (0, 0, 5),
            IdeController => (1, 0, 1),
            FloppyController => (0, 0, 1),
            ScsiController { IsVirtio: true } => (0, 255, 16383),
            ScsiController { Model: "lsisas1068" } => (0, 7, 0),
            ScsiController { Model: "lsisas1078" } => (0, 255, 0),
            ScsiController { IsNarrow: true } => (0, 0, 6),
            _ => (0, 63, 0),
        };
        if (drive.Bus <= bus && drive.Target <= target && drive.Unit <= unit)
            return;
        throw XmlFault.Unsupported(
            disk.Element("address")!,
            $"the {controller.Type} controller has no place bus {drive.Bus}, target {drive.Target}, unit {drive.Unit}: "
                + $"it goes to bus {bus}, target {target}, unit {unit}");
    }

    /// <summary>Writes the place.</summary>
    public static void Place(JsonObject device, DriveAddress drive, ControllerDevice controller)
    {
        switch (controller)
        {
            case SataController:
                device.With("bus", controller.Bus(drive.Unit));
                break;
            case IdeController:
                device.With("bus", controller.Bus(drive.Bus)).With("unit", drive.Unit);
                break;
            case FloppyController:
                device.With("unit", drive.Unit);
                break;
            case ScsiController { IsNarrow: true }:
                device.With("bus", controller.Bus()).With("scsi-id", drive.Unit);
                break;
            default:
                device.With("bus", controller.Bus()).With("channel", drive.Bus).With("scsi-id", drive.Target)
                    .With("lun", drive.Unit);
                break;
        }
    }
}
