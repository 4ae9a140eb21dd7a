using System.Globalization;
using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>
/// Writes libvirt's domain XML (https://libvirt.org/formatdomain.html) for a specification: virtio devices, ACPI, UTC.
/// </summary>
public static class DomainXmlBuilder
{
    private const long KiB = 1024;

    /// <summary>The domain's XML.</summary>
    public static string Build(DomainSpecification specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        return new XElement(
            "domain",
            new XAttribute("type", specification.Type),
            new XElement("name", specification.Name),
            Optional("title", specification.Title),
            Optional("description", specification.Description),
            new XElement("memory", new XAttribute("unit", "KiB"), InKiB(specification.Memory)),
            new XElement("vcpu", specification.VCpu),
            OperatingSystem(specification),
            Features(specification),
            specification.Type == "kvm" ? new XElement("cpu", new XAttribute("mode", "host-passthrough")) : null,
            new XElement("clock", new XAttribute("offset", "utc")),
            new XElement("on_poweroff", "destroy"),
            new XElement("on_reboot", "restart"),
            new XElement("on_crash", "destroy"),
            new XElement(
                "devices", Disks(specification), Cdrom(specification), Network(specification), Serial(specification),
                Screen(specification)))
            .ToString();
    }

    private static long InKiB(long bytes) => (bytes / KiB) + (bytes % KiB > 0 ? 1 : 0);

    private static XElement? Optional(string name, string? value) => string.IsNullOrEmpty(value)
        ? null : new XElement(name, value);

    private static XElement OperatingSystem(DomainSpecification specification)
    {
        var type = new XElement("type", new XAttribute("arch", specification.Architecture), "hvm");
        if (specification.Machine is not null)
            type.Add(new XAttribute("machine", specification.Machine));
        var os = new XElement("os", type);
        if (specification.Kernel is not null)
            os.Add(new XElement("kernel", specification.Kernel), Optional("initrd", specification.Initrd),
                Optional("cmdline", specification.CommandLine));
        if (specification.Disks.Count > 0)
            os.Add(Boot("hd"));
        if (specification.Iso is not null)
            os.Add(Boot("cdrom"));
        return os;
    }

    private static XElement Boot(string device) => new("boot", new XAttribute("dev", device));

    private static XElement Features(DomainSpecification specification) =>
        new("features", new XElement("acpi"), specification.Architecture is "x86_64" or "i686" ? new XElement("apic") : null);

    private static IEnumerable<XElement> Disks(DomainSpecification specification) =>
        specification.Disks.Select((path, index) => Disk("disk", path, FormatOf(path), TargetName("vd", index), "virtio"));

    private static XElement? Cdrom(DomainSpecification specification)
    {
        if (specification.Iso is null)
            return null;
        // The i440FX machines have an IDE controller of their own, the newer ones AHCI.
        bool ide = specification.Machine is { } machine && machine.StartsWith("pc", StringComparison.Ordinal)
            && !machine.StartsWith("pc-q35", StringComparison.Ordinal);
        XElement disk = Disk("cdrom", specification.Iso, "raw", ide ? "hda" : "sda", ide ? "ide" : "sata");
        disk.Add(new XElement("readonly"));
        return disk;
    }

    private static XElement Disk(string device, string path, string format, string target, string bus) => new(
        "disk",
        new XAttribute("type", "file"),
        new XAttribute("device", device),
        new XElement("driver", new XAttribute("name", "qemu"), new XAttribute("type", format)),
        new XElement("source", new XAttribute("file", path)),
        new XElement("target", new XAttribute("dev", target), new XAttribute("bus", bus)));

    private static XElement? Network(DomainSpecification specification) => specification.UserNetwork
        ? new XElement("interface", new XAttribute("type", "user"), new XElement("model", new XAttribute("type", "virtio")))
        : null;

    private static IEnumerable<XElement> Serial(DomainSpecification specification)
    {
        SerialSource serial = specification.Serial;
        if (serial.Type == "none")
            yield break;
        yield return Port("serial", serial, new XElement("target", new XAttribute("port", 0)));
        yield return Port("console", serial, new XElement("target", new XAttribute("type", "serial"), new XAttribute("port", 0)));
    }

    private static XElement Port(string element, SerialSource serial, XElement target)
    {
        var port = new XElement(element, new XAttribute("type", serial.Type));
        if (serial.Path is not null)
        {
            port.Add(new XElement(
                "source", serial.Type == "unix" ? new XAttribute("mode", "bind") : null, new XAttribute("path", serial.Path)));
        }

        port.Add(target);
        return port;
    }

    private static IEnumerable<XElement> Screen(DomainSpecification specification)
    {
        if (!specification.Vnc)
            yield break;
        yield return new XElement(
            "graphics", new XAttribute("type", "vnc"), new XAttribute("autoport", "yes"), new XAttribute("listen", "127.0.0.1"));
        yield return new XElement("video", new XElement("model", new XAttribute("type", "vga")));
    }

    private static string FormatOf(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".QCOW2" => "qcow2",
        ".VMDK" => "vmdk",
        ".VDI" => "vdi",
        ".VHDX" => "vhdx",
        _ => "raw",
    };

    // vda ... vdz, vdaa ...
    private static string TargetName(string prefix, int index)
    {
        string letters = "";
        for (int rest = index + 1; rest > 0; rest = (rest - 1) / 26)
            letters = (char)('a' + ((rest - 1) % 26)) + letters;
        return string.Create(CultureInfo.InvariantCulture, $"{prefix}{letters}");
    }
}
