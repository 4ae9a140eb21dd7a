using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>A file of an NFS server, which QEMU reads itself.</summary>
internal sealed class NfsStorage : NetworkStorage
{
    private readonly XElement? _identity;

    public NfsStorage(XElement layer, XElement source)
        : base(layer, source)
    {
        if (Host() is { Name: null } unix)
            throw XmlFault.Unsupported(unix.Element, "an NFS server is reached over TCP");
        if (Host() is { Port: not 0 } withPort)
            throw XmlFault.Unsupported(withPort.Element, "an NFS server has no port here");
        _identity = source.Element("identity");
    }

    /// <inheritdoc/>
    public override JsonObject Write(QemuArguments arguments, DiskNode node) =>
        new JsonObject
        {
            ["driver"] = "nfs", ["server"] = new JsonObject { ["host"] = Host().Name, ["type"] = "inet" }, ["path"] = Name(),
        }.With("user", Number("user", "/etc/passwd")).With("group", Number("group", "/etc/group"));

    // '+' before a number says that it is none that is a name.
    private long? Number(string attribute, string names)
    {
        if (_identity?.Attribute(attribute) is not { Value.Length: > 0 } given)
            return null;
        string digits = given.Value[0] == '+' ? given.Value[1..] : Find(names, given.Value) ?? given.Value;
        return uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
            ? number
            : throw XmlFault.Unsupported(given, $"the host knows no {attribute} '{given.Value}'");
    }

    private static string? Find(string file, string name) =>
        File.ReadLines(file).Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length > 2 && fields[0] == name)?[2];
}
