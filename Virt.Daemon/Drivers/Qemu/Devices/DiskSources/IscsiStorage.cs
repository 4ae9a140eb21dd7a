using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>A unit of an iSCSI target: <c>iqn.1992-01.com.example:storage/1</c>.</summary>
internal sealed class IscsiStorage : NetworkStorage
{
    private readonly string _target;
    private readonly int _unit;
    private readonly string? _initiator;

    public IscsiStorage(XElement layer, XElement source)
        : base(layer, source)
    {
        string[] parts = Name().Split('/', 2);
        _target = parts[0];
        if (parts.Length > 1 && !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out _unit))
            throw XmlFault.Invalid(source.Attribute("name")!, $"'{parts[1]}' is not the number of a unit");
        _initiator = source.Element("initiator")?.Element("iqn")?.Required("name");
    }

    /// <inheritdoc/>
    public override bool CanPassThrough => true;

    /// <inheritdoc/>
    public override JsonObject Write(QemuArguments arguments, DiskNode node)
    {
        NetworkHost host = Host();
        _ = host.RequireName();
        return new JsonObject { ["driver"] = "iscsi" }.With("portal", host.Authority).With("target", _target).With("lun", _unit)
            .With("transport", "tcp").With("user", User).With("password-secret", AddSecret(arguments, node))
            .With("initiator-name", _initiator);
    }
}
