using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>A disk that another process serves in the guest's memory (vhost-user); QEMU has no block node of it.</summary>
internal sealed class VhostUserDisk
{
    private static readonly string[] DriverOptions =
        ["cache", "error_policy", "rerror_policy", "io", "ioeventfd", "copy_on_read", "discard", "iothread", "detect_zeroes", "metadata_cache"];

    private static readonly string[] DiskOptions =
        ["iotune", "backingStore", "encryption", "readonly", "shareable", "transient", "serial", "wwn", "vendor", "product", "auth", "geometry", "blockio"];

    private readonly string _socket;
    private readonly long? _reconnect;

    private VhostUserDisk(XElement disk, XElement source, GuestContext context)
    {
        if (source.Required("type") != "unix")
            throw XmlFault.Invalid(source.Attribute("type")!, $"'{source.Text("type")}' is not unix");
        _socket = source.AbsolutePath("path") ?? throw XmlFault.Invalid(source, "the attribute path is missing");
        if (source.Element("reconnect") is { } reconnect && reconnect.Flag("enabled") == true)
            _reconnect = reconnect.Number("timeout", 1, 3600) ?? throw XmlFault.Invalid(reconnect, "the attribute timeout is missing");
        Check(disk);
        if (!HasSharedMemory(context.General.Root))
        {
            throw XmlFault.Unsupported(
                disk, "another process serves the disk in the guest's memory, which is not shared", "Add <memoryBacking><access mode='shared'/></memoryBacking>.");
        }
    }

    /// <summary>Reads the disk; null when it is of another type.</summary>
    public static VhostUserDisk? Read(XElement disk, GuestContext context) => disk.Text("type") == "vhostuser"
        ? new VhostUserDisk(disk, disk.Element("source") ?? throw XmlFault.Invalid(disk, "the element source is missing"), context)
        : null;

    /// <summary>Adds the connection to the process and returns its id.</summary>
    public string AddTo(QemuArguments arguments, string alias)
    {
        string id = $"chr-vu-{alias}";
        JsonObject data = new JsonObject
        {
            ["addr"] = new JsonObject { ["type"] = "unix", ["data"] = new JsonObject { ["path"] = _socket } }, ["server"] = false,
        }.With("reconnect", _reconnect);
        arguments.AddCharacterBackend(
            id, new OptionString("socket").With("id", id).With("path", _socket).With("reconnect", _reconnect),
            new JsonObject { ["type"] = "socket", ["data"] = data });
        return id;
    }

    private static void Check(XElement disk)
    {
        XElement target = disk.Element("target")!;
        if (target.Text("bus") != "virtio")
            throw XmlFault.Unsupported(target, "such a disk is on bus='virtio' only");
        if (disk.Attribute("snapshot") is { Value: not "no" } snapshot)
            throw XmlFault.Unsupported(snapshot, "there are no snapshots of such a disk");
        XElement? driver = disk.Element("driver");
        XObject? unwanted = DriverOptions.Select(name => (XObject?)driver?.Attribute(name) ?? driver?.Element(name)).FirstOrDefault(found => found is not null)
            ?? DiskOptions.Select(name => disk.Element(name)).FirstOrDefault(found => found is not null);
        if (unwanted is not null)
            throw XmlFault.Unsupported(unwanted, "such a disk does not have it");
    }

    private static bool HasSharedMemory(XElement domain)
    {
        XElement[] cells = [.. domain.Elements("cpu").Elements("numa").Elements("cell")];
        bool all = domain.Element("memoryBacking")?.Element("access")?.Text("mode") == "shared";
        return cells.Length == 0 ? all : cells.All(cell => cell.Text("memAccess") is { } access ? access == "shared" : all);
    }
}
