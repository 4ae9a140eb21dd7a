using System.Xml.Linq;
using Virt.Domains.Definition;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>Checks before a start that the host's files a guest is made of are there, and are files or devices.</summary>
internal static class GuestFiles
{
    /// <summary>Throws <see cref="VirtErrorCode.SystemError"/> for the first that is missing.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="restoring">Whether the guest comes back from a saved state, when drives can do without their medium.</param>
    public static void Check(DomainDefinition definition, bool restoring)
    {
        foreach ((string what, string path) in Sources(definition.Root, restoring))
            Check(definition.Name, what, path, isMade: false);
        XElement? nvram = definition.Root.Element("os")?.Element("nvram");
        if ((nvram?.Element("source")?.Attribute("file")?.Value ?? nvram?.Value.Trim()) is { Length: > 0 } variables)
            Check(definition.Name, "NVRAM file", variables, isMade: true);
        CheckMade(definition.Name, definition.Root.Element("devices")?.Elements() ?? []);
    }

    /// <summary>Throws when the file of a device that is to be plugged is missing.</summary>
    public static void Check(string domain, IReadOnlyCollection<XElement> devices)
    {
        foreach ((string what, string path) in Disks(devices.Where(device => device.Name.LocalName == "disk"), restoring: false))
            Check(domain, what, path, isMade: false);
        CheckMade(domain, devices);
    }

    // Files that are made when they are not there.
    private static void CheckMade(string domain, IEnumerable<XElement> devices)
    {
        foreach (GuestFile file in devices.SelectMany(DeviceFiles.Of).Where(file => file.IsMade))
            Check(domain, file.What, file.Path, isMade: true);
    }

    private static void Check(string domain, string what, string path, bool isMade)
    {
        switch (HostFile.TryLook(path, LinkRule.Reported)?.Kind)
        {
            case FileKind.File or FileKind.BlockDevice or FileKind.CharacterDevice:
            case null when isMade:
                return;
            case FileKind.Folder or FileKind.Pipe or FileKind.Socket:
                // QEMU would wait for the other end of a FIFO for ever.
                throw new VirtException(
                    VirtErrorCode.SystemError, $"cannot use the {what} '{path}' of domain '{domain}': it is no file and no device", domain,
                    "Name the file itself in the definition.");
        }

        throw new VirtException(
            VirtErrorCode.SystemError, $"cannot use the {what} '{path}' of domain '{domain}': No such file", domain,
            "Create or restore the file, or change the definition.");
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
        foreach ((string, string) disk in Disks(domain.Element("devices")?.Elements("disk") ?? [], restoring))
            yield return disk;
    }

    private static IEnumerable<(string What, string Path)> Disks(IEnumerable<XElement> disks, bool restoring)
    {
        foreach (XElement disk in disks)
        {
            XElement? source = disk.Element("source");
            if (StartupPolicy.Of(source, restoring) == StartupPolicy.Mandatory && StartupPolicy.PathOf(source) is { } image)
                yield return ("disk", image);
        }
    }
}
