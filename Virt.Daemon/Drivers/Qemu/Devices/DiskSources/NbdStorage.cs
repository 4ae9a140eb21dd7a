using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>An export of a network block device server.</summary>
internal sealed class NbdStorage : NetworkStorage
{
    private static readonly string[] CertificateFolders = ["/etc/pki/libvirt-nbd", "/etc/pki/qemu"];
    private readonly bool _tls;
    private readonly string? _tlsHostName;

    public NbdStorage(XElement layer, XElement source)
        : base(layer, source)
    {
        _tls = source.Flag("tls") ?? false;
        _tlsHostName = source.Text("tlsHostname");
    }

    /// <inheritdoc/>
    public override JsonObject Write(QemuArguments arguments, DiskNode node) =>
        new JsonObject { ["driver"] = "nbd", ["server"] = Host().SocketAddress() }.With("export", Source.Text("name"))
            .With("tls-creds", _tls ? AddCredentials(arguments, node) : null).With("tls-hostname", _tls ? _tlsHostName : null);

    private string AddCredentials(QemuArguments arguments, DiskNode node)
    {
        string folder = Array.Find(CertificateFolders, Directory.Exists) ?? throw XmlFault.Unsupported(
            Source.Attribute("tls")!, $"the host has no certificates for TLS: there is no folder {string.Join(" or ", CertificateFolders)}",
            "Put ca-cert.pem there, and client-cert.pem and client-key.pem where the server asks for them.");
        string id = $"obj{node.Name}_tls0";
        arguments.AddObject(
            JsonProperties.Object("tls-creds-x509", id).With("dir", folder).With("endpoint", "client").With("verify-peer", true));
        return id;
    }
}
