using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Firmware;

/// <summary>Where the variables of a UEFI guest lie: <c>nvram</c>, as a path or with a <c>source</c> like a disk's.</summary>
internal sealed class NvramSource
{
    private readonly XElement? _network;

    private NvramSource(string type, string? path, XElement? network) => (Type, Path, _network) = (type, path, network);

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
        {
            source.Required(attribute);
            return new NvramSource(type, null, source);
        }

        return new NvramSource(type, source.AbsolutePath(attribute) ?? throw XmlFault.Invalid(source, $"the attribute {attribute} is missing"), null);
    }

    /// <summary>The storage node's driver and place.</summary>
    public JsonObject ToNode(GuestContext context)
    {
        if (_network is null)
            return new JsonObject { ["driver"] = Type == "block" ? "host_device" : "file", ["filename"] = Path };
        if (_network.Text("protocol") != "nbd" || _network.HasElements && _network.Elements().Any(child => child.Name.LocalName != "host"))
            context.FailStart(_network, $"NVRAM over '{_network.Text("protocol")}', or with credentials, is not supported", "Use a file, a block device, or plain NBD.");
        XElement? host = _network.Element("host");
        JsonObject server = host?.Text("transport") == "unix"
            ? new JsonObject { ["type"] = "unix" }.With("path", host.AbsolutePath("socket"))
            : new JsonObject { ["type"] = "inet", ["host"] = host?.Text("name") ?? "localhost", ["port"] = host?.Text("port") ?? "10809" };
        return new JsonObject { ["driver"] = "nbd", ["server"] = server }.With("export", _network.Text("name"));
    }
}
