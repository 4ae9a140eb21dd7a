using System.Globalization;
using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>Writes the <c>disk</c> element (formatdomain, "Hard drives, floppy disks, CDROMs").</summary>
public static class DiskXml
{
    /// <summary>The elements of disks, with targets that are free among them and the given ones.</summary>
    /// <param name="disks">The disks; images to be made have their paths by now.</param>
    /// <param name="taken">Targets that are taken.</param>
    /// <param name="ide">Whether the machine has IDE rather than SATA.</param>
    public static IReadOnlyList<XElement> Build(IEnumerable<DiskSpecification> disks, IEnumerable<string> taken, bool ide)
    {
        ArgumentNullException.ThrowIfNull(disks);
        DiskSpecification[] all = [.. disks];
        var used = new HashSet<string>(taken.Concat(all.Select(disk => disk.Target).OfType<string>()), StringComparer.Ordinal);
        return [.. all.Select(disk => Build(disk, used, ide))];
    }

    private static XElement Build(DiskSpecification disk, HashSet<string> used, bool ide)
    {
        string bus = disk.Bus ?? DiskTarget.DefaultBus(disk.Device, ide);
        string target = disk.Target ?? DiskTarget.Next(bus, used);
        bool fixedMedium = disk.Device is "disk" or "lun";
        return new XElement(
            "disk",
            new XAttribute("type", DiskSourceXml.TypeOf(disk.Path)),
            new XAttribute("device", disk.Device),
            new XElement(
                "driver", new XAttribute("name", "qemu"), new XAttribute("type", disk.EffectiveFormat),
                Attribute("cache", disk.Cache), Attribute("io", disk.Io), Attribute("discard", disk.Discard),
                Attribute("detect_zeroes", disk.DetectZeroes), Attribute("iothread", disk.IoThread), Attribute("queues", disk.Queues)),
            DiskSourceXml.Build(disk.Path),
            new XElement("target", new XAttribute("dev", target), new XAttribute("bus", bus)),
            LimitsXml(disk.Limits),
            disk.ReadOnly || disk.Device == "cdrom" ? new XElement("readonly") : null,
            disk.Shareable ? new XElement("shareable") : null,
            disk.Serial is null || !fixedMedium ? null : new XElement("serial", disk.Serial),
            disk.Wwn is null ? null : new XElement("wwn", disk.Wwn),
            disk.BootOrder is { } order ? new XElement("boot", new XAttribute("order", order)) : null);
    }

    /// <summary>The <c>iotune</c> element; null when there are no limits.</summary>
    public static XElement? LimitsXml(DiskLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        return limits.Any
            ? new XElement(
                "iotune",
                Element("total_bytes_sec", limits.BytesPerSecond), Element("read_bytes_sec", limits.ReadBytesPerSecond),
                Element("write_bytes_sec", limits.WriteBytesPerSecond), Element("total_iops_sec", limits.Iops),
                Element("read_iops_sec", limits.ReadIops), Element("write_iops_sec", limits.WriteIops))
            : null;
    }

    private static XAttribute? Attribute(string name, object? value) => value is null ? null : new XAttribute(name, value);

    private static XElement? Element(string name, long? value) =>
        value is { } number ? new XElement(name, number.ToString(CultureInfo.InvariantCulture)) : null;
}
