using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>A file of a Gluster volume.</summary>
internal sealed class GlusterStorage : NetworkStorage
{
    private readonly string _volume;
    private readonly string _file;

    public GlusterStorage(XElement layer, XElement source)
        : base(layer, source)
    {
        (_volume, _file) = SplitName();
        if (Hosts.Count == 0)
            throw XmlFault.Invalid(source, "the element host is missing");
    }

    /// <inheritdoc/>
    public override JsonObject Write(QemuArguments arguments, DiskNode node) => new()
    {
        ["driver"] = "gluster", ["volume"] = _volume, ["path"] = _file,
        ["server"] = new JsonArray([.. Hosts.Select(host => host.SocketAddress())]),
    };
}
