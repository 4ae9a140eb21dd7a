using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The source of a host device that is a unit of an iSCSI target.</summary>
internal static class IscsiSource
{
    private const int DefaultPort = 3260;

    /// <summary>Reads the source as a <c>-blockdev</c> of QEMU's driver iscsi, without a node name.</summary>
    public static JsonObject Read(XElement source, GuestContext context)
    {
        string name = source.Required("name");
        XElement[] hosts = [.. source.Elements("host")];
        if (hosts.Length != 1)
            throw XmlFault.Invalid(source, hosts.Length == 0 ? "the element host is missing" : "an iSCSI device has one host only");
        int slash = name.LastIndexOf('/');
        long unit = 0;
        if (slash >= 0 && (!long.TryParse(name[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out unit) || unit > int.MaxValue))
            throw XmlFault.Invalid(source.Attribute("name")!, $"'{name[(slash + 1)..]}' is not the number of a unit");
        var block = new JsonObject
        {
            ["driver"] = "iscsi",
            ["portal"] = string.Create(
                CultureInfo.InvariantCulture, $"{hosts[0].Required("name")}:{hosts[0].Integer("port", 1, ushort.MaxValue) ?? DefaultPort}"),
            ["target"] = slash < 0 ? name : name[..slash],
            ["lun"] = unit,
            ["transport"] = "tcp",
        };
        if (source.Element("auth") is { } auth)
            CheckAuthentication(auth, context);
        return block.With("initiator-name", source.Element("initiator")?.Element("iqn")?.Text("name"));
    }

    private static void CheckAuthentication(XElement auth, GuestContext context)
    {
        _ = auth.Required("username");
        XElement secret = auth.Element("secret") ?? throw XmlFault.Invalid(auth, "the element secret is missing");
        if (secret.Required("type") is not "iscsi" and var type)
            throw XmlFault.Invalid(secret.Attribute("type")!, $"the secret of an iSCSI device is of type 'iscsi', not '{type}'");
        if ((secret.Attribute("uuid") is null) == (secret.Attribute("usage") is null))
            throw XmlFault.Invalid(secret, "a secret is named by either uuid or usage");
        context.FailStart(auth, "the password of an iSCSI host device cannot be given to QEMU", "Use a disk of type 'network' with protocol='iscsi'.");
    }
}
