using System.Xml.Linq;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Puts implied devices where libvirt's export has them: after their kind, kinds in this order.</summary>
internal static class DeviceOrder
{
    private static readonly string[] Kinds =
    [
        "emulator", "disk", "controller", "lease", "filesystem", "interface", "smartcard", "serial", "parallel", "console",
        "channel", "input", "tpm", "graphics", "sound", "audio", "video", "hostdev", "redirdev", "redirfilter", "hub", "watchdog",
        "memballoon", "rng", "nvram", "panic", "shmem", "memory", "iommu", "vsock", "crypto", "pstore",
    ];

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
