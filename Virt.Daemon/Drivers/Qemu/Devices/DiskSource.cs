using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>
/// One image of a disk: the file or block device, its format, and the image it is based on. Becomes two block nodes, storage
/// and format.
/// </summary>
internal sealed class DiskSource
{
    private static readonly string[] Formats =
        ["raw", "qcow2", "qcow", "qed", "vmdk", "vpc", "vdi", "parallels", "bochs", "cloop", "dmg"];

    private readonly string _path;
    private readonly bool _isBlock;
    private readonly string _format;
    private readonly long? _offset;
    private readonly long? _size;
    private readonly bool _endsChain;
    private readonly DiskSource? _backing;

    private DiskSource(XElement element, string type, string format)
    {
        _isBlock = type == "block";
        _format = format;
        XElement source = element.Element("source")!;
        _path = source.AbsolutePath(_isBlock ? "dev" : "file")
            ?? throw XmlFault.Invalid(source, $"the attribute {(_isBlock ? "dev" : "file")} is missing");
        foreach (XElement child in source.Elements())
        {
            if (child.Name.LocalName is "encryption" or "reservations" or "initiator" or "cookies" or "ssl" or "auth")
                throw XmlFault.Unsupported(child, "it is not supported by this version for a disk");
        }

        if (source.Element("slices")?.Elements("slice").FirstOrDefault(slice => slice.Text("type") == "storage") is { } slice)
        {
            _offset = slice.Number("offset", 0, long.MaxValue);
            _size = slice.Number("size", 0, long.MaxValue);
        }

        if (element.Element("backingStore") is { } backing)
        {
            _endsChain = !backing.HasElements;
            _backing = backing.HasElements ? Read(backing, BackingFormat(backing)) : null;
        }
    }

    /// <summary>The number in the names of its block nodes; null while there are none.</summary>
    public int? Number { get; private set; }

    /// <summary>The name of the node that the device, or the image above, reads; null while there is none.</summary>
    public string? Node => Number is { } number ? $"libvirt-{number}-format" : null;

    /// <summary>The path of the image.</summary>
    public string Path => _path;

    /// <summary>Reads the source of a disk or of one of its backing images; null for an empty drive.</summary>
    public static DiskSource? Read(XElement element, string format)
    {
        string type = element.Text("type") ?? "file";
        if (type is not ("file" or "block"))
            throw XmlFault.Unsupported(
                element, $"a disk of type '{type}' is not supported by this version", "Use type='file' or type='block'.");
        if (element.Element("source") is not { } source
            || (!source.HasElements && source.Text("file") is null or "" && source.Text("dev") is null or ""))
            return null;
        return new DiskSource(element, type, format);
    }

    /// <summary>A format's name, checked.</summary>
    public static string Format(XElement at, string attribute) => at.Text(attribute) switch
    {
        null or "" => "raw",
        "vhd" => "vpc",
        "luks" => throw XmlFault.Unsupported(at, "encrypted disks are not supported by this version"),
        "fat" or "dir" => throw XmlFault.Unsupported(at, "a directory as a disk is not supported by this version"),
        _ => at.Choice(attribute, Formats)!,
    };

    /// <summary>Writes the nodes and returns the name of the one the device reads.</summary>
    public string AddTo(QemuArguments arguments, DiskDriver driver, bool readOnly, bool isTop = true)
    {
        string? backing = _backing?.AddTo(arguments, driver, readOnly: true, isTop: false);
        int number = Number ??= arguments.NextNode();
        string storage = $"libvirt-{number}-storage";
        string name = Node!;
        JsonObject? cache = driver.CacheJson();
        arguments.Add("-blockdev", new JsonObject { ["driver"] = _isBlock ? driver.IsCdrom ? "host_cdrom" : "host_device" : "file" }
            .With("filename", _path).With("aio", driver.Aio).With("node-name", storage).WithObject("cache", cache)
            .With("auto-read-only", true).With("discard", "unmap"));
        if (_offset is not null || _size is not null)
        {
            string slice = $"libvirt-{number}-slice-sto";
            arguments.Add("-blockdev", new JsonObject { ["driver"] = "raw" }.With("node-name", slice).With("file", storage)
                .With("offset", _offset).With("size", _size).With("auto-read-only", true).With("discard", "unmap"));
            storage = slice;
        }

        JsonObject format = new JsonObject { ["node-name"] = name }.With("read-only", readOnly)
            .With("discard", isTop ? driver.Discard : null).With("detect-zeroes", isTop ? driver.DetectZeroes : null)
            .WithObject("cache", driver.CacheJson()).With("driver", _format).With("file", storage).With("backing", backing);
        if (_endsChain && _format is not "raw")
            format["backing"] = null;
        arguments.Add("-blockdev", format);
        return name;
    }

    /// <summary>Writes the numbers of the nodes into a copy of the disk's element, where libvirt has them.</summary>
    public void WriteLive(XElement disk)
    {
        disk.Element("source")?.SetAttributeValue("index", Number);
        WriteBacking(disk);
    }

    /// <summary>Takes the numbers back from the element of a live XML.</summary>
    public void ReadLive(XElement disk)
    {
        Number = disk.Element("source")?.Integer("index", 1, int.MaxValue);
        ReadBacking(disk);
    }

    private void WriteBacking(XElement element)
    {
        if (_backing is null || element.Element("backingStore") is not { } backing)
            return;
        backing.SetAttributeValue("index", _backing.Number);
        _backing.WriteBacking(backing);
    }

    private void ReadBacking(XElement element)
    {
        if (_backing is null || element.Element("backingStore") is not { } backing)
            return;
        _backing.Number = backing.Integer("index", 1, int.MaxValue);
        _backing.ReadBacking(backing);
    }

    private static string BackingFormat(XElement backing) =>
        backing.Element("format") is { } format
            ? Format(format, "type")
            : throw XmlFault.Invalid(backing, "the element format is missing");
}
