using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>TLS for a character device on TCP: <c>source tls='yes'</c>. The certificates are the host's, where QEMU's documentation
/// and libvirt's defaults have them.</summary>
internal static class CharacterTls
{
    private static readonly string[] Folders = ["/etc/pki/libvirt-chardev", "/etc/pki/qemu"];

    /// <summary>Notes what cannot be given.</summary>
    public static void Check(XElement element, GuestContext context)
    {
        if (element.Text("type") != "tcp")
            return;
        if (element.Element("protocol") is { } protocol && protocol.Text("type") is "telnets" or "tls")
            context.FailStart(protocol, "QEMU has no such protocol", "Use type='raw' or 'telnet', with tls='yes' at the source.");
        if (element.Element("source") is { } source && source.Flag("tls") == true && Folder() is null)
        {
            context.FailStart(
                source, $"TLS needs the host's certificates, and there are none in {string.Join(" or ", Folders)}",
                "Put ca-cert.pem, server-cert.pem, server-key.pem (client-... to connect) there.");
        }
    }

    /// <summary>Adds the credentials and returns their id; null when it is not to be encrypted.</summary>
    public static string? AddTo(QemuArguments arguments, XElement element, string id)
    {
        if (element.Text("type") != "tcp" || element.Element("source") is not { } source || source.Flag("tls") != true)
            return null;
        string credentials = $"obj{id}_tls0";
        arguments.AddObject(JsonProperties.Object("tls-creds-x509", credentials).With("dir", Folder())
            .With("endpoint", source.Text("mode") == "bind" ? "server" : "client").With("verify-peer", true));
        return credentials;
    }

    private static string? Folder() => Folders.FirstOrDefault(folder => File.Exists(Path.Combine(folder, "ca-cert.pem")));
}
