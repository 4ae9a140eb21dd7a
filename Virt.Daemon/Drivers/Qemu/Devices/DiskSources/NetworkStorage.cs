using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>What disks over the network have in common: a protocol, a name, hosts, and credentials.</summary>
internal abstract class NetworkStorage : DiskStorage
{
    private static readonly string[] WithAuthentication = ["iscsi", "http", "https", "ftp", "ftps", "ssh", "rbd"];

    private static readonly Dictionary<string, int> Ports = new(StringComparer.Ordinal)
    {
        ["http"] = 80, ["https"] = 443, ["ftp"] = 21, ["ftps"] = 990, ["sheepdog"] = 7000, ["nbd"] = 10809, ["ssh"] = 22,
        ["iscsi"] = 3260, ["gluster"] = 24007, ["vxhs"] = 9999,
    };

    private readonly XElement? _auth;

    protected NetworkStorage(XElement layer, XElement source)
    {
        Source = source;
        Protocol = source.Required("protocol");
        Hosts = NetworkHost.ReadAll(source, Ports.GetValueOrDefault(Protocol));
        _auth = source.Element("auth") ?? layer.Element("auth");
        if (source.Element("auth") is { } inner && layer.Element("auth") is not null && layer != source)
            throw XmlFault.Unsupported(inner, "the disk has an element auth already", "Keep one of the two.");
        ReadAuthentication();
    }

    /// <inheritdoc/>
    public override bool IsLocal => false;

    /// <summary>The <c>source</c>.</summary>
    protected XElement Source { get; }

    /// <summary>The protocol.</summary>
    protected string Protocol { get; }

    /// <summary>The hosts.</summary>
    protected IReadOnlyList<NetworkHost> Hosts { get; }

    /// <summary>The user to authenticate as; null for nobody.</summary>
    protected string? User { get; private set; }

    /// <summary>The user's secret; null without.</summary>
    protected DiskSecret? Secret { get; private set; }

    /// <summary>Reads the storage of a network disk.</summary>
    public static new NetworkStorage Read(XElement layer, XElement source) => source.Required("protocol") switch
    {
        "nbd" => new NbdStorage(layer, source),
        "rbd" => new RbdStorage(layer, source),
        "iscsi" => new IscsiStorage(layer, source),
        "http" or "https" or "ftp" or "ftps" => new CurlStorage(layer, source),
        "gluster" => new GlusterStorage(layer, source),
        "ssh" => new SshStorage(layer, source),
        "nfs" => new NfsStorage(layer, source),
        "sheepdog" or "vxhs" => new RetiredStorage(layer, source),
        "tftp" => throw XmlFault.Unsupported(source.Attribute("protocol")!, "QEMU has no disk over tftp", "Use http or nbd."),
        var other => throw XmlFault.Invalid(
            source.Attribute("protocol")!,
            $"'{other}' is not one of nbd, rbd, iscsi, http, https, ftp, ftps, gluster, ssh, nfs, sheepdog, vxhs"),
    };

    /// <inheritdoc/>
    public override void Prepare(GuestPreparation host) => Secret?.Prepare(host);

    /// <summary>The name of what is shared, which must be there.</summary>
    protected string Name() => Source.Text("name") is { Length: > 0 } name ? name : throw XmlFault.Invalid(Source, "the attribute name is missing");

    /// <summary>The only host.</summary>
    protected NetworkHost Host() => Hosts.Count == 1
        ? Hosts[0]
        : throw XmlFault.Unsupported(Source, $"a disk over {Protocol} has exactly one host, not {Hosts.Count}");

    /// <summary>The part of a name before the first '/', and the rest.</summary>
    protected (string Pool, string Image) SplitName()
    {
        string name = Name();
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < name.Length - 1
            ? (name[..slash], name[(slash + 1)..])
            : throw XmlFault.Invalid(Source.Attribute("name")!, $"'{name}' is not a pool or volume, '/' and an image");
    }

    /// <summary>Adds the object with the secret and returns its id; null without a secret.</summary>
    protected string? AddSecret(QemuArguments arguments, DiskNode node)
    {
        if (Secret is null)
            return null;
        string id = $"{node.Name}-auth-secret0";
        arguments.AddSecret(id, Secret.Value);
        return id;
    }

    private void ReadAuthentication()
    {
        if (_auth is null)
            return;
        if (!WithAuthentication.Contains(Protocol))
            throw XmlFault.Unsupported(_auth, $"a disk over {Protocol} has no authentication");
        User = _auth.Required("username");
        if (_auth.Element("secret") is not { } secret)
            return;
        string expected = Protocol switch { "rbd" => "ceph", "iscsi" => "iscsi", _ => "" };
        string? type = secret.Choice("type", "volume", "ceph", "iscsi", "tls", "vtpm");
        if (type is null || (expected.Length > 0 && type != expected))
        {
            throw XmlFault.Unsupported(
                secret, $"a disk over {Protocol} needs a secret of type '{(expected.Length > 0 ? expected : "volume")}', not '{type}'");
        }

        Secret = new DiskSecret(secret, type);
    }
}
