using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary><c>encryption</c> of an image: LUKS, opened by QEMU or by Ceph's library with a secret as passphrase.</summary>
internal sealed class DiskEncryption
{
    private readonly DiskSecret _secret;
    private readonly string _format;

    private DiskEncryption(XElement element, string imageFormat, bool isRbd)
    {
        _format = element.Choice("format", "default", "qcow", "luks", "luks2") ?? throw XmlFault.Invalid(element, "the attribute format is missing");
        element.SetDefault("engine", "qemu");
        IsByLibrary = element.Choice("engine", "qemu", "librbd") == "librbd";
        if (_format is "default" or "qcow")
            throw XmlFault.Unsupported(element, "QEMU does not read the old encryption of qcow and qcow2", "Convert the image to LUKS.");
        if (element.Element("cipher") is { } cipher)
            throw XmlFault.Unsupported(cipher, "the image itself tells its cipher", "Remove the element.");
        if (IsByLibrary && !isRbd)
            throw XmlFault.Unsupported(element.Attribute("engine")!, "only disks over rbd have it");
        if (!IsByLibrary && _format == "luks2")
            throw XmlFault.Unsupported(element, "QEMU reads LUKS 1 only", "Use format='luks'.");
        if (!IsByLibrary && imageFormat is not ("raw" or "qcow2"))
            throw XmlFault.Unsupported(element, $"only raw and qcow2 images are encrypted, not '{imageFormat}'");
        XElement secret = element.Element("secret") ?? throw XmlFault.Invalid(element, "the element secret is missing");
        if (secret.Choice("type", "passphrase") is null)
            throw XmlFault.Invalid(secret, "the attribute type is missing");
        _secret = new DiskSecret(secret, "volume");
    }

    /// <summary>Whether Ceph's library decrypts, below the format.</summary>
    public bool IsByLibrary { get; }

    /// <summary>Reads the encryption of a layer; null when it is not encrypted.</summary>
    public static DiskEncryption? Read(XElement layer, XElement source, string imageFormat)
    {
        XElement? outer = layer.Element("encryption");
        XElement? inner = source.Element("encryption");
        if (outer is not null && inner is not null)
            throw XmlFault.Unsupported(inner, "the disk has an element encryption already", "Keep one of the two.");
        return (inner ?? outer) is { } element ? new DiskEncryption(element, imageFormat, source.Text("protocol") == "rbd") : null;
    }

    /// <summary>Looks up the passphrase.</summary>
    public void Prepare(GuestPreparation host) => _secret.Prepare(host);

    /// <summary>Adds the object with the passphrase and returns its id.</summary>
    public string AddSecret(QemuArguments arguments, string node)
    {
        string id = $"{node}-encryption-secret0";
        arguments.AddSecret(id, _secret.Value);
        return id;
    }

    /// <summary>The encryption as a part of a node that holds encrypted data.</summary>
    public JsonObject ToJson(string secretId) => new() { ["format"] = _format, ["key-secret"] = secretId };
}
