using System.Xml.Linq;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>What a start does about a disk whose image is missing: the <c>startupPolicy</c> of its source.</summary>
internal static class StartupPolicy
{
    /// <summary>The image must be there.</summary>
    public const string Mandatory = "mandatory";

    private const string Requisite = "requisite";

    /// <summary>The policy of a source; what is <c>requisite</c> is mandatory at boot and optional when a guest is restored.</summary>
    public static string Of(XElement? source, bool restoring) => (string?)source?.Attribute("startupPolicy") switch
    {
        null or "" => Mandatory,
        Requisite when !restoring => Mandatory,
        var policy => policy,
    };

    /// <summary>The file or device that a source names; null when it names none.</summary>
    public static string? PathOf(XElement? source) =>
        (string?)(source?.Attribute("file") ?? source?.Attribute("dev")) is { Length: > 0 } path ? path : null;

    /// <summary>Takes the medium out of drives, and disks out of the guest, that are missing and may be.</summary>
    public static void Apply(XElement domain, bool restoring)
    {
        foreach (XElement disk in domain.Element("devices")?.Elements("disk").ToArray() ?? [])
        {
            XElement? source = disk.Element("source");
            if (PathOf(source) is not { } path || Of(source, restoring) == Mandatory || HostFile.TryLook(path, LinkRule.Reported) is not null)
                continue;
            if ((string?)disk.Attribute("device") is "cdrom" or "floppy")
                source!.Remove();
            else
                disk.Remove();
        }
    }
}
