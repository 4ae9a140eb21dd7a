using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>What holds for the devices of every driver's domains.</summary>
internal static class DomainDevices
{
    /// <summary>The device classes that <c>boot</c> in <c>os</c> takes.</summary>
    public static IReadOnlyList<string> BootClasses { get; } = ["fd", "hd", "cdrom", "network"];

    /// <summary>Throws where two disks share a target, or the boot order names what is not a class.</summary>
    public static void Check(XElement root)
    {
        var targets = new HashSet<string>(StringComparer.Ordinal);
        foreach (XElement target in root.Elements("devices").Elements("disk").Elements("target"))
        {
            if ((string?)target.Attribute("dev") is { } device && !targets.Add(device))
                throw XmlFault.Invalid(target, $"the target '{device}' is taken by another disk", "Give each disk its own target dev.");
        }

        foreach (XElement boot in root.Elements("os").Elements("boot"))
        {
            string device = (string?)boot.Attribute("dev") ?? throw XmlFault.Invalid(boot, "the attribute dev is missing");
            if (!BootClasses.Contains(device))
                throw XmlFault.Invalid(boot, $"'{device}' is not a boot device", $"Use {string.Join(", ", BootClasses)}.");
        }
    }
}
