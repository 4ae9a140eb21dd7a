using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition.Sections;

namespace Virt.Daemon.Drivers.Qemu.Ownership;

/// <summary>The files that belong to no device: the kernel and what goes with it, tables, firmware.</summary>
internal static class MachineFiles
{
    /// <summary>Those that a definition names, and those that its sections chose.</summary>
    public static IEnumerable<GuestFile> Of(XElement domain, IEnumerable<GuestSection> sections)
    {
        XElement? os = domain.Element("os");
        foreach (string element in (string[])["kernel", "initrd", "dtb"])
        {
            if (os?.Element(element)?.Value.Trim() is { Length: > 0 } path)
                yield return new GuestFile(element, path, FileNeed.Read);
        }

        foreach (XElement table in os?.Element("acpi")?.Elements("table") ?? [])
            yield return new GuestFile("ACPI table", table.Value.Trim(), FileNeed.Read);
        foreach (XAttribute file in domain.Elements("sysinfo").Elements("entry").Attributes("file"))
            yield return new GuestFile("firmware configuration", file.Value, FileNeed.Read);
        foreach (GuestFile file in sections.SelectMany(section => section.Files))
            yield return file;
    }
}
