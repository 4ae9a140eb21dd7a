using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>Writes the controllers that people would miss: a fast one for SCSI, and free places for devices that come later.</summary>
internal static class ControllerXml
{
    /// <summary>How many PCI Express devices can be added to a running guest.</summary>
    private const int FreePorts = 6;

    // What each such machine has: USB, the balloon, and a SATA controller that needs no port.
    private const int AlwaysThere = 2;

    public static IEnumerable<XElement> Build(DomainSpecification domain)
    {
        bool scsi = domain.Disks.Any(disk => (disk.Bus ?? DiskTarget.DefaultBus(disk.Device, domain.HasIde)) == "scsi");
        if (scsi)
            yield return new XElement("controller", new XAttribute("type", "scsi"), new XAttribute("model", "virtio-scsi"));
        if (domain.Machine?.Contains("q35", StringComparison.Ordinal) != true)
            yield break;
        int used = AlwaysThere + (scsi ? 1 : 0) + domain.Interfaces.Count + domain.SharedFolders.Count
            + domain.Disks.Count(disk => (disk.Bus ?? DiskTarget.DefaultBus(disk.Device, ide: false)) == "virtio")
            + (domain.Graphics.Any(graphics => graphics.Type == "spice") ? 1 : 0);
        yield return new XElement("controller", new XAttribute("type", "pci"), new XAttribute("index", 0), new XAttribute("model", "pcie-root"));
        for (int index = 1; index <= used + FreePorts; index++)
        {
            yield return new XElement(
                "controller", new XAttribute("type", "pci"), new XAttribute("index", index), new XAttribute("model", "pcie-root-port"));
        }
    }
}
