using System.Xml.Linq;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>Checks before a start that the host's files a guest is made of are there.</summary>
internal static class GuestFiles
{
    /// <summary>Throws <see cref="VirtErrorCode.SystemError"/> for the first that is missing.</summary>
    public static void Check(DomainDefinition definition)
    {
        foreach ((string what, string path) in Sources(definition.Root))
            Check(definition.Name, what, path);
    }

    /// <summary>Throws when the file of a device that is to be plugged is missing.</summary>
    public static void Check(string domain, IEnumerable<XElement> devices)
    {
        foreach ((string what, string path) in Disks(devices.Where(device => device.Name.LocalName == "disk")))
            Check(domain, what, path);
    }

    private static void Check(string domain, string what, string path)
    {
        if (File.Exists(path))
            return;
        throw new VirtException(
            VirtErrorCode.SystemError, $"cannot use the {what} '{path}' of domain '{domain}': No such file", domain,
            "Create or restore the file, or change the definition.");
    }

    private static IEnumerable<(string What, string Path)> Sources(XElement domain)
    {
        XElement? os = domain.Element("os");
        foreach (string element in (string[])["kernel", "initrd", "dtb"])
        {
            if (os?.Element(element)?.Value.Trim() is { Length: > 0 } path)
                yield return (element, path);
        }

        foreach ((string, string) disk in Disks(domain.Element("devices")?.Elements("disk") ?? []))
            yield return disk;
    }

    private static IEnumerable<(string What, string Path)> Disks(IEnumerable<XElement> disks)
    {
        foreach (XElement disk in disks)
        {
            XElement? source = disk.Element("source");
            bool optional = (string?)source?.Attribute("startupPolicy") is "optional" or "requisite";
            if ((string?)(source?.Attribute("file") ?? source?.Attribute("dev")) is { Length: > 0 } path && !optional)
                yield return ("disk", path);
        }
    }
}
