using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Devices.DiskSources;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Firmware;

/// <summary>Where the variables of a UEFI guest lie: <c>nvram</c>, as a path or with a <c>source</c> like a disk's.</summary>
internal sealed class NvramSource
{
    private readonly NetworkStorage? _network;

    private NvramSource(string type, string? path, NetworkStorage? network) => (Type, Path, _network) = (type, path, network);

    /// <summary><c>file</c>, <c>block</c> or <c>network</c>.</summary>
    public string Type { get; }

    /// <summary>The file or device; null on a network.</summary>
    public string? Path { get; }

    /// <summary>A file.</summary>
    public static NvramSource Of(string path) => new("file", path, null);

    /// <summary>Reads the element; null when it names no place.</summary>
    public static NvramSource? Read(XElement? nvram)
    {
        if (nvram is null)
            return null;
        string? type = nvram.Choice("type", "file", "block", "network");
        if (type is null)
            return nvram.Parent!.PathOf("nvram") is { } plain ? Of(plain) : null;
        XElement source = nvram.Element("source") ?? throw XmlFault.Invalid(nvram, "the element source is missing");
        string attribute = type switch { "file" => "file", "block" => "dev", _ => "protocol" };
        if (type == "network")
            return new NvramSource(type, null, NetworkStorage.Read(source, source));
        return new NvramSource(type, source.AbsolutePath(attribute) ?? throw XmlFault.Invalid(source, $"the attribute {attribute} is missing"), null);
    }

    /// <summary>Looks up the secret by which a network lets it be read.</summary>
    public void Prepare(GuestPreparation host) => _network?.Prepare(host);

    /// <summary>The storage node's driver and place; what it needs is written before.</summary>
    public JsonObject Write(QemuArguments arguments, string node, GuestContext context) => _network is null
        ? new JsonObject { ["driver"] = Type == "block" ? "host_device" : "file", ["filename"] = Path }
        : _network.Write(arguments, new DiskNode(
            node, new DiskDriver(new XElement("disk", new XAttribute("type", Type)), context), "disk"));
}
