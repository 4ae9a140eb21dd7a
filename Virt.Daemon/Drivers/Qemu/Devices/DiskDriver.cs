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
        _element = disk.Element("driver") ?? new XElement("driver");
        if (_element.Parent is null)
            disk.AddFirst(_element);
        _element.SetDefault("name", "qemu");
        if (_element.Text("name") != "qemu")
            throw XmlFault.Unsupported(_element.Attribute("name")!, $"'{_element.Text("name")}' is not a driver of QEMU's disks", "Use name='qemu'.");
        string type = disk.Text("type") ?? "file";
        Format = DiskFormat.Read(_element, "type", isFolder: type == "dir");
        if (type != "volume")
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
        if (_element.Attribute("rerror_policy") is { Value: "enospace" } full)
            throw XmlFault.Unsupported(full, "reading does not run out of space", "Use stop, report or ignore.");
        ReadErrorPolicy = _element.Choice("rerror_policy", "stop", "report", "ignore")
            ?? (ErrorPolicy == "enospace" ? null : ErrorPolicy);
        CopyOnRead = _element.Flag("copy_on_read") ?? false;
        Queues = _element.Number("queues", 1, 65535);
        QueueSize = _element.Number("queue_size", 1, 65535);
        EventIndex = _element.Flag("event_idx");
        IOEventFd = _element.Flag("ioeventfd");
        IOThread = IOThreadReference.Read(_element, context);
        IOThreads = IOThreadReference.ReadMapping(_element, context);
        DiscardKeepsReferences = _element.Flag("discard_no_unref");
    }

    /// <summary>The image's format.</summary>
    public string Format { get; }

    /// <summary>How requests reach the host's kernel; null leaves it to QEMU.</summary>
    public string? Aio { get; }

    /// <summary>Whether the guest's discards reach the image.</summary>
    public string? Discard { get; }

    /// <summary>Whether discarded clusters of a qcow2 image keep their place in the file.</summary>
    public bool? DiscardKeepsReferences { get; }

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

    /// <summary>Which queues each of several threads serves, as QEMU's <c>iothread-vq-mapping</c>; null for one thread or none.</summary>
    public JsonArray? IOThreads { get; }

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

    /// <summary>Notes options that this QEMU does not have.</summary>
    public void CheckVersion(GuestContext context)
    {
        if (!Version.TryParse(context.Capabilities.Version, out Version? version))
            return;
        if (DiscardKeepsReferences is not null && version < new Version(8, 1))
            context.FailStart(_element.Attribute("discard_no_unref")!, $"QEMU has it since 8.1; this is {version}", "Remove the attribute.");
        if (IOThreads is not null && version < new Version(9, 0))
            context.FailStart(_element.Element("iothreads")!, $"QEMU spreads a disk over iothreads since 9.0; this is {version}", "Use the attribute iothread.");
    }

    /// <summary>Throws when options are given that only virtio disks have.</summary>
    public void CheckNotVirtio(string bus)
    {
        foreach (string name in (ReadOnlySpan<string>)["queues", "queue_size", "event_idx", "ioeventfd", "iothread", "packed", "iommu", "ats", "page_per_vq"])
        {
            if (_element.Attribute(name) is { } given)
                throw XmlFault.Unsupported(given, $"only disks with bus='virtio' have it, not bus='{bus}'");
        }
    }
}
