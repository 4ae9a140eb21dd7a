namespace Virt.Domains.Definition;

/// <summary>A disk or drive described by what people choose; what is null is left to the hypervisor.</summary>
public sealed record DiskSpecification
{
    /// <summary>An image file or block device on the host, or the URL of a network disk (nbd, iscsi, rbd, http, https, ftp, ftps,
    /// ssh). Null for an empty drive, or for an image that is to be made with a name of its own.</summary>
    public string? Path { get; init; }

    /// <summary>The size in bytes of the image to be made; null where there is one.</summary>
    public long? Size { get; init; }

    /// <summary>The image that the one to be made is an overlay of.</summary>
    public string? Backing { get; init; }

    /// <summary>The format of that image; null to find out.</summary>
    public string? BackingFormat { get; init; }

    /// <summary>What the guest sees: <c>disk</c>, <c>cdrom</c>, <c>floppy</c> or <c>lun</c>.</summary>
    public string Device { get; init; } = "disk";

    /// <summary>The image's format; null to follow the extension.</summary>
    public string? Format { get; init; }

    /// <summary>The bus: <c>virtio</c>, <c>scsi</c>, <c>sata</c>, <c>ide</c>, <c>usb</c>, <c>fdc</c>.</summary>
    public string? Bus { get; init; }

    /// <summary>The name on the bus, as <c>vda</c>.</summary>
    public string? Target { get; init; }

    /// <summary>The cache mode.</summary>
    public string? Cache { get; init; }

    /// <summary>How the host does I/O: <c>native</c>, <c>threads</c>, <c>io_uring</c>.</summary>
    public string? Io { get; init; }

    /// <summary>Whether the guest's discards reach the image: <c>unmap</c> or <c>ignore</c>.</summary>
    public string? Discard { get; init; }

    /// <summary>What writes of zeroes become: <c>off</c>, <c>on</c>, <c>unmap</c>.</summary>
    public string? DetectZeroes { get; init; }

    /// <summary>The serial number that the guest sees.</summary>
    public string? Serial { get; init; }

    /// <summary>The world wide name that the guest sees.</summary>
    public string? Wwn { get; init; }

    /// <summary>Whether the guest cannot write to it.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Whether other guests use it at the same time.</summary>
    public bool Shareable { get; init; }

    /// <summary>Its place in the boot order, from 1.</summary>
    public int? BootOrder { get; init; }

    /// <summary>The I/O thread that serves it, from 1.</summary>
    public int? IoThread { get; init; }

    /// <summary>The queues of a virtio disk.</summary>
    public int? Queues { get; init; }

    /// <summary>Limits of its I/O.</summary>
    public DiskLimits Limits { get; init; } = new();

    /// <summary>Whether an image is to be made for it.</summary>
    public bool IsNew => Size is not null || Backing is not null;

    /// <summary>The format: as said, else as the extension of the path tells.</summary>
    public string EffectiveFormat => Format ?? (Device is "cdrom" or "floppy" || Path is null ? null : ImageFormat.OfName(Path)) ?? "raw";
}

/// <summary>Limits of a disk's I/O; null for none. A total excludes its parts.</summary>
/// <param name="BytesPerSecond">Bytes a second, read and written.</param>
/// <param name="ReadBytesPerSecond">Bytes read a second.</param>
/// <param name="WriteBytesPerSecond">Bytes written a second.</param>
/// <param name="Iops">Operations a second.</param>
/// <param name="ReadIops">Reads a second.</param>
/// <param name="WriteIops">Writes a second.</param>
public sealed record DiskLimits(
    long? BytesPerSecond = null, long? ReadBytesPerSecond = null, long? WriteBytesPerSecond = null,
    long? Iops = null, long? ReadIops = null, long? WriteIops = null)
{
    /// <summary>Whether there is any.</summary>
    public bool Any => this != new DiskLimits();
}
