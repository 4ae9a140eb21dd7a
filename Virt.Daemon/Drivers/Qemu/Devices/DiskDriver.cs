using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The <c>driver</c> element of a disk: how QEMU reads and writes the image. Defaults are written back.</summary>
internal sealed class DiskDriver
{
    private readonly string? _cache;
    private readonly XElement _element;

    public DiskDriver(XElement disk, GuestContext context)
    {
        IsCdrom = disk.Text("device") == "cdrom";
        _element = disk.Element("driver") ?? new XElement("driver");
        if (_element.Parent is null)
            disk.AddFirst(_element);
        _element.SetDefault("name", "qemu");
        if (_element.Choice("name", "qemu") is null)
            throw XmlFault.Invalid(_element, "the attribute name is missing");
        Format = DiskSource.Format(_element, "type");
        _element.SetDefault("type", Format);
        _cache = _element.Choice("cache", "default", "none", "writethrough", "writeback", "directsync", "unsafe");
        Aio = _element.Choice("io", "threads", "native", "io_uring");
        if (Aio == "native" && _cache is not ("none" or "directsync"))
            throw XmlFault.Unsupported(_element.Attribute("io")!, "native I/O needs cache='none' or cache='directsync'");
        Discard = _element.Choice("discard", "unmap", "ignore");
        DetectZeroes = _element.Choice("detect_zeroes", "off", "on", "unmap");
        if (DetectZeroes == "unmap" && Discard != "unmap")
            DetectZeroes = "on";
        ErrorPolicy = _element.Choice("error_policy", "stop", "report", "ignore", "enospace");
        ReadErrorPolicy = _element.Choice("rerror_policy", "stop", "report", "ignore")
            ?? (ErrorPolicy == "enospace" ? null : ErrorPolicy);
        CopyOnRead = _element.Flag("copy_on_read") ?? false;
        Queues = _element.Number("queues", 1, 65535);
        QueueSize = _element.Number("queue_size", 1, 65535);
        EventIndex = _element.Flag("event_idx");
        IOEventFd = _element.Flag("ioeventfd");
        IOThread = IOThreadReference.Read(_element, context);
        if (_element.Element("metadata_cache") is { } metadata)
            throw XmlFault.Unsupported(metadata, "it is not supported by this version");
    }

    /// <summary>Whether the disk is a CD-ROM.</summary>
    public bool IsCdrom { get; }

    /// <summary>The image's format.</summary>
    public string Format { get; }

    /// <summary>How requests reach the host's kernel; null leaves it to QEMU.</summary>
    public string? Aio { get; }

    /// <summary>Whether the guest's discards reach the image.</summary>
    public string? Discard { get; }

    /// <summary>Whether writes of zeroes are detected.</summary>
    public string? DetectZeroes { get; }

    /// <summary>What a write error does.</summary>
    public string? ErrorPolicy { get; }

    /// <summary>What a read error does.</summary>
    public string? ReadErrorPolicy { get; }

    /// <summary>Whether what is read from a backing image is written into the top one.</summary>
    public bool CopyOnRead { get; }

    /// <summary>The number of queues.</summary>
    public long? Queues { get; }

    /// <summary>The size of each queue.</summary>
    public long? QueueSize { get; }

    /// <summary>The virtio event index feature.</summary>
    public bool? EventIndex { get; }

    /// <summary>Whether requests are taken by a descriptor instead of an exit.</summary>
    public bool? IOEventFd { get; }

    /// <summary>The id of the thread that serves the disk.</summary>
    public string? IOThread { get; }

    /// <summary>The <c>write-cache</c> of the device: what the guest is told about the need to flush.</summary>
    public string? WriteCache => _cache switch
    {
        null or "default" => null,
        "writethrough" or "directsync" => "off",
        _ => "on",
    };

    /// <summary>The <c>cache</c> of the block nodes; null leaves it to QEMU.</summary>
    public JsonObject? CacheJson() => _cache switch
    {
        null or "default" => null,
        _ => new JsonObject { ["direct"] = _cache is "none" or "directsync", ["no-flush"] = _cache == "unsafe" },
    };

    /// <summary>Throws when options are given that only virtio disks have.</summary>
    public void CheckNotVirtio(string bus)
    {
        foreach (string name in (ReadOnlySpan<string>)["queues", "queue_size", "event_idx", "ioeventfd", "iothread", "packed", "iommu", "ats"])
        {
            if (_element.Attribute(name) is { } given)
                throw XmlFault.Unsupported(given, $"only disks with bus='virtio' have it, not bus='{bus}'");
        }
    }
}
