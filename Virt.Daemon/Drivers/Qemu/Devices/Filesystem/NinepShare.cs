using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The host's side of a filesystem that QEMU itself serves by 9p: <c>-fsdev local</c>.</summary>
internal sealed class NinepShare
{
    private readonly string _folder;
    private readonly string _security;
    private readonly string? _multipleDevices;
    private readonly string? _fileMode;
    private readonly string? _folderMode;
    private readonly string? _writeOut;
    private readonly bool? _readOnly;

    public NinepShare(XElement element, GuestContext context)
    {
        _folder = element.Element("source")?.AbsolutePath("dir")
            ?? throw XmlFault.Invalid(element, "the source needs the attribute dir: the folder of the host");
        Driver = VirtioOptions.Driver("virtio-9p-pci", element.Choice("model", "virtio", "virtio-transitional", "virtio-non-transitional"));
        context.RequireDevice(element, Driver);
        string access = element.Choice("accessmode", "passthrough", "mapped", "squash") ?? "passthrough";
        element.SetAttributeValue("accessmode", access);
        _security = access == "squash" ? "none" : access;
        _multipleDevices = element.Choice("multidevs", "default", "remap", "forbid", "warn") is not "default" and var several ? several : null;
        _fileMode = Mode(element, "fmode", access);
        _folderMode = Mode(element, "dmode", access);
        _writeOut = element.Element("driver")?.Choice("wrpolicy", "immediate");
        _readOnly = element.Element("readonly") is null ? null : true;
        if (element.Element("boot") is { } boot)
            throw XmlFault.Unsupported(boot, "only a virtiofs filesystem can be booted from");
        foreach (XElement child in element.Elements().Where(child => child.Name.LocalName is "space_hard_limit" or "space_soft_limit"))
            context.Warn(child, "has no effect: QEMU does not limit the space of a shared folder");
        if (element.Element("binary") is { } binary)
            throw XmlFault.Unsupported(binary, "only a filesystem with driver type='virtiofs' has a process of its own");
    }

    /// <summary>The device the guest sees.</summary>
    public string Driver { get; }

    /// <summary>Writes the <c>-fsdev</c>.</summary>
    public void AddTo(QemuArguments arguments, string id) => arguments.Add("-fsdev", new OptionString("local")
        .With("security_model", _security).With("multidevs", _multipleDevices).With("fmode", _fileMode).With("dmode", _folderMode)
        .With("writeout", _writeOut).With("id", id).With("path", _folder).With("readonly", _readOnly));

    private static string? Mode(XElement element, string attribute, string access)
    {
        if (element.Attribute(attribute) is not { } found)
            return null;
        if (found.Value.Length is < 1 or > 4 || found.Value.Any(c => c is < '0' or > '7') || Convert.ToInt32(found.Value, 8) > 0x1ff)
            throw XmlFault.Invalid(found, $"'{found.Value}' is not a file mode as 0644");
        return access == "mapped"
            ? found.Value.PadLeft(4, '0')
            : throw XmlFault.Unsupported(found, "only accessmode='mapped' makes files with a given mode");
    }
}
