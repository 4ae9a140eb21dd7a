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
            specification.Metadata.Count > 0 ? new XElement("metadata", specification.Metadata) : null,
            Size("memory", Math.Max(specification.MaximumMemory ?? 0, specification.Memory)),
            specification.MaximumMemory > specification.Memory ? Size("currentMemory", specification.Memory) : null,
            Backing(specification),
            VCpu(specification),
            OperatingSystem(specification),
            Features(specification),
            CpuXml.Build(specification),
            new XElement("clock", new XAttribute("offset", "utc")),
            new XElement("on_poweroff", "destroy"),
            new XElement("on_reboot", "restart"),
            new XElement("on_crash", "destroy"),
            new XElement(
                "devices",
                DiskXml.Build(specification.Disks, [], specification.HasIde),
                ControllerXml.Build(specification),
                specification.SharedFolders.Select(SharedFolder),
                specification.Interfaces.Select(InterfaceXml.Build),
                SerialXml.Build(specification.Serial),
                DisplayXml.Build(specification),
                Tpm(specification)))
            .ToString();
    }

    private static XElement Size(string element, long bytes) => new(
        element, new XAttribute("unit", "KiB"), (bytes / KiB) + (bytes % KiB > 0 ? 1 : 0));

    private static XElement? Optional(string name, string? value) => string.IsNullOrEmpty(value)
        ? null : new XElement(name, value);

    private static XElement VCpu(DomainSpecification specification)
    {
        int maximum = Math.Max(specification.MaximumVCpu ?? 0, specification.VCpu);
        var vcpu = new XElement("vcpu", maximum.ToString(CultureInfo.InvariantCulture));
        if (maximum > specification.VCpu)
            vcpu.Add(new XAttribute("current", specification.VCpu));
        return vcpu;
    }

    // virtiofsd, outside of QEMU, reads and writes the guest's memory.
    private static XElement? Backing(DomainSpecification specification) =>
        specification.SharedFolders.Any(folder => folder.Driver == "virtiofs")
            ? new XElement(
                "memoryBacking", new XElement("source", new XAttribute("type", "memfd")),
                new XElement("access", new XAttribute("mode", "shared")))
            : null;

    private static XElement OperatingSystem(DomainSpecification specification)
    {
        var type = new XElement("type", new XAttribute("arch", specification.Architecture), "hvm");
        if (specification.Machine is not null)
            type.Add(new XAttribute("machine", specification.Machine));
        var os = new XElement("os");
        string? firmware = specification.SecureBoot ? "efi" : specification.Firmware;
        if (firmware is not null)
            os.Add(new XAttribute("firmware", firmware));
        os.Add(type);
        if (specification.SecureBoot)
            os.Add(new XElement("firmware", Feature("enrolled-keys"), Feature("secure-boot")));
        if (specification.Kernel is not null)
            os.Add(new XElement("kernel", specification.Kernel), Optional("initrd", specification.Initrd),
                Optional("cmdline", specification.CommandLine));
        os.Add(Boot(specification));
        return os;
    }

    private static XElement Feature(string name) => new("feature", new XAttribute("enabled", "yes"), new XAttribute("name", name));

    // The order of classes and that of devices exclude each other.
    private static IEnumerable<XElement> Boot(DomainSpecification specification)
    {
        if (specification.Disks.Any(disk => disk.BootOrder is not null) || specification.Interfaces.Any(nic => nic.BootOrder is not null))
            return [];
        IEnumerable<string> classes = specification.BootOrder
            ?? [.. specification.Disks.Select(disk => ClassOf(disk.Device)).Distinct().OrderBy(kind => kind != "hd")];
        return classes.Select(device => new XElement("boot", new XAttribute("dev", device)));
    }

    private static string ClassOf(string device) => device switch
    {
        "cdrom" => "cdrom",
        "floppy" => "fd",
        _ => "hd",
    };

    private static XElement Features(DomainSpecification specification) => new(
        "features",
        new XElement("acpi"),
        specification.Architecture is "x86_64" or "i686" ? new XElement("apic") : null,
        specification.SecureBoot ? new XElement("smm", new XAttribute("state", "on")) : null);

    private static XElement SharedFolder(SharedFolderSpecification folder) => new(
        "filesystem",
        new XAttribute("type", "mount"),
        folder.Driver == "9p" ? new XAttribute("accessmode", "mapped") : new XAttribute("accessmode", "passthrough"),
        folder.Driver == "9p" ? null : new XElement("driver", new XAttribute("type", "virtiofs")),
        new XElement("source", new XAttribute("dir", folder.Path)),
        new XElement("target", new XAttribute("dir", folder.Tag)),
        folder.ReadOnly ? new XElement("readonly") : null);

    private static XElement? Tpm(DomainSpecification specification) => specification.Tpm
        ? new XElement(
            "tpm", new XAttribute("model", specification.HasIde ? "tpm-tis" : "tpm-crb"),
            new XElement("backend", new XAttribute("type", "emulator"), new XAttribute("version", "2.0")))
        : null;
}
