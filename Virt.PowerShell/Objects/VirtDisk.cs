using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Storage;
using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>A disk or drive of a domain as it was when it was asked for.</summary>
public sealed class VirtDisk : VirtDevice, IDiskColumns
{
    internal VirtDisk(VirtDomain domain, DeviceRecord record)
        : base(domain, record)
    {
    }

    /// <summary>Its name on the bus, as <c>vda</c>.</summary>
    public string Target => Attribute("target", "dev") ?? "";

    /// <summary>The bus.</summary>
    public string? Bus => Attribute("target", "bus");

    /// <summary>What the guest sees: disk, cdrom, floppy, lun.</summary>
    public string Device => (string?)Shown.Attribute("device") ?? "disk";

    /// <summary>Its image, device or URL; null for an empty drive.</summary>
    public string? Path => DiskSourceXml.Read(Shown);

    /// <summary>The kind of source: file, block, network, volume.</summary>
    public string SourceType => (string?)Shown.Attribute("type") ?? "file";

    /// <summary>The image's format.</summary>
    public string? Format => Attribute("driver", "type") ?? VisibleText.Line(Record.Image?.Format);

    /// <summary>The size that the guest sees, in bytes; null when it cannot be known.</summary>
    public long? Capacity => Record.Image?.Capacity;

    /// <summary>The same in GiB, with three digits.</summary>
    public double? CapacityGB => Capacity is { } bytes ? Math.Round((double)bytes / (1L << 30), 3) : null;

    /// <summary>What the image takes on the host, in bytes; null when it cannot be known.</summary>
    public long? Allocation => Record.Image?.Allocation;

    /// <summary>Whether the image is encrypted; null when it cannot be known.</summary>
    public bool? Encrypted => Record.Image?.Encrypted;

    /// <summary>The images below it, the nearest first.</summary>
    public IReadOnlyList<ImageLayer> BackingChain => Record.Image is { } image
        ? [.. image.Backing.Select(layer => new ImageLayer(VisibleText.Line(layer.Path), VisibleText.Line(layer.Format)))]
        : [];

    /// <summary>The cache mode; null for the default.</summary>
    public string? Cache => Attribute("driver", "cache");

    /// <summary>How the host does I/O; null for the default.</summary>
    public string? Io => Attribute("driver", "io");

    /// <summary>Whether discards reach the image; null for the default.</summary>
    public string? Discard => Attribute("driver", "discard");

    /// <summary>The serial number that the guest sees; null for none.</summary>
    public string? Serial => VisibleText.Line(Shown.Element("serial")?.Value.Trim());

    /// <summary>Whether the guest cannot write to it.</summary>
    public bool ReadOnly => Element.Element("readonly") is not null;

    /// <summary>Whether other guests may use it at the same time.</summary>
    public bool Shareable => Element.Element("shareable") is not null;

    /// <summary>The limits of its I/O.</summary>
    public DiskLimits Limits => new(
        Bytes("iotune", "total_bytes_sec"), Bytes("iotune", "read_bytes_sec"), Bytes("iotune", "write_bytes_sec"),
        Bytes("iotune", "total_iops_sec"), Bytes("iotune", "read_iops_sec"), Bytes("iotune", "write_iops_sec"));

    /// <summary>What it is and its target.</summary>
    public override string ToString() => $"{Device} {Target}";

    string IDiskColumns.CapacityText => ViewText.Size(Capacity);

    string IDiskColumns.AllocationText => ViewText.Size(Allocation);

    internal override string? Key => Target.Length > 0 ? Target : Alias;

    /// <summary>The path as the host knows it.</summary>
    internal string? RawPath => DiskSourceXml.Read(Element);

    internal bool HasRemovableMedium => Device is "cdrom" or "floppy";
}
