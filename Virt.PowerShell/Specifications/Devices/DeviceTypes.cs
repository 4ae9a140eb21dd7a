namespace Virt.PowerShell;

/// <summary>The types of devices: libvirt's element names, and the names people use for some.</summary>
internal static class DeviceTypes
{
    private static readonly Dictionary<string, string> OtherNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["fs"] = "filesystem", ["sharedfolder"] = "filesystem", ["nic"] = "interface", ["usb"] = "hostdev", ["pci"] = "hostdev",
        ["balloon"] = "memballoon", ["display"] = "graphics", ["cdrom"] = "disk",
    };

    /// <summary>All elements under <c>devices</c>, in the order of their names.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "audio", "channel", "console", "controller", "crypto", "disk", "filesystem", "graphics", "hostdev", "hub", "input", "interface",
        "iommu", "memballoon", "memory", "nvram", "panic", "parallel", "redirdev", "rng", "serial", "shmem", "smartcard", "sound", "tpm",
        "video", "vsock", "watchdog",
    ];

    /// <summary>The element that a name means.</summary>
    public static string Element(string name) => OtherNames.GetValueOrDefault(name) ?? name.ToLowerInvariant();
}
