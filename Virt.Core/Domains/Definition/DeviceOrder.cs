using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>The kinds of devices, and where libvirt's export has them: after their kind, kinds in this order.</summary>
internal static class DeviceOrder
{
    private const string Emulator = "emulator";

    private static readonly string[] Kinds =
    [
        Emulator, "disk", "controller", "lease", "filesystem", "interface", "smartcard", "serial", "parallel", "console",
        "channel", "input", "tpm", "graphics", "sound", "audio", "video", "hostdev", "redirdev", "redirfilter", "hub", "watchdog",
        "memballoon", "rng", "nvram", "panic", "shmem", "memory", "iommu", "vsock", "crypto", "pstore",
    ];

    /// <summary>Whether an element is a device of the format.</summary>
    public static bool IsDevice(XElement element) =>
        element.Name.NamespaceName.Length == 0 && element.Name.LocalName != Emulator && Kinds.Contains(element.Name.LocalName);

    /// <summary>Inserts the element.</summary>
    public static void Insert(XElement devices, XElement added)
    {
        int rank = Array.IndexOf(Kinds, added.Name.LocalName);
        XElement? before = devices.Elements().LastOrDefault(
            element => Array.IndexOf(Kinds, element.Name.LocalName) is >= 0 and var r && r <= rank);
        if (before is null)
            devices.AddFirst(added);
        else
            before.AddAfterSelf(added);
    }
}
