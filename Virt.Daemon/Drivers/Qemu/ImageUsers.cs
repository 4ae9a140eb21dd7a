using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Daemon.Drivers.Storage;

namespace Virt.Daemon.Drivers.Qemu;

/// <summary>Tells which domain uses a disk image, directly or below another.</summary>
internal static class ImageUsers
{
    private const int MaximumDepth = 64;

    /// <summary>The name of a domain that uses the image; null when none does.</summary>
    public static string? Find(IEnumerable<DomainSupervisor> domains, string path) =>
        domains.FirstOrDefault(domain => Images(domain).Any(image => Uses(image, path)))?.Name;

    private static IEnumerable<string> Images(DomainSupervisor domain)
    {
        IEnumerable<XElement?> devices = [domain.Config?.Parse().Root.Element("devices"), domain.Run?.ParseLive().Root.Element("devices")];
        return devices.SelectMany(list => list?.Elements("disk") ?? []).Descendants("source")
            .Select(source => (string?)source.Attribute("file") ?? (string?)source.Attribute("volume")).OfType<string>().Where(image => image.Length > 0).Distinct();
    }

    private static bool Uses(string? image, string path)
    {
        for (int depth = 0; image is not null && depth < MaximumDepth; depth++)
        {
            // A volume is named within its pool, a file by its path.
            if (image == path || (image[0] != '/' && image == Path.GetFileName(path)) || Target(image) == path)
                return true;
            image = image[0] == '/' ? ImageBacking.Of(image) : null;
        }

        return false;
    }

    private static string? Target(string image)
    {
        try
        {
            using HostPath? found = HostPath.Find(image, LinkRule.Reported);
            return found?.RealPath;
        }
        catch (Exception unreachable) when (unreachable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
