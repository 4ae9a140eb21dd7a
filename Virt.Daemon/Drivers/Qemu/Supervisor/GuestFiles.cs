using System.Xml.Linq;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>Checks before a start that the host's files a guest is made of are there.</summary>
internal static class GuestFiles
{
    /// <summary>Throws <see cref="VirtErrorCode.SystemError"/> for the first that is missing.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="restoring">Whether the guest comes back from a saved state, when drives can do without their medium.</param>
    public static void Check(DomainDefinition definition, bool restoring)
    {
        foreach ((string what, string path) in Sources(definition.Root, restoring))
        {
            if (File.Exists(path))
                continue;
            throw new VirtException(
                VirtErrorCode.SystemError, $"cannot use the {what} '{path}' of domain '{definition.Name}': No such file", definition.Name,
                "Create or restore the file, or change the definition.");
        }
    }

    private static IEnumerable<(string What, string Path)> Sources(XElement domain, bool restoring)
    {
        XElement? os = domain.Element("os");
        foreach (string element in (string[])["kernel", "initrd", "dtb"])
        {
            if (os?.Element(element)?.Value.Trim() is { Length: > 0 } path)
                yield return (element, path);
        }

        if (os?.Attribute("firmware") is null && os?.Element("loader")?.Value.Trim() is { Length: > 0 } loader)
            yield return ("loader", loader);
        foreach (XElement table in os?.Element("acpi")?.Elements("table") ?? [])
            yield return ("ACPI table", table.Value.Trim());
        foreach (XElement entry in domain.Elements("sysinfo").Elements("entry").Where(entry => entry.Attribute("file") is not null))
            yield return ("firmware configuration", (string)entry.Attribute("file")!);
        foreach (XElement disk in domain.Element("devices")?.Elements("disk") ?? [])
        {
            XElement? source = disk.Element("source");
            if (StartupPolicy.Of(source, restoring) == StartupPolicy.Mandatory && StartupPolicy.PathOf(source) is { } image)
                yield return ("disk", image);
        }
    }
}
