namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>A kind of graphics card.</summary>
/// <param name="Primary">QEMU's device as the first display.</param>
/// <param name="Secondary">The device as a further one; null when it can only be the first.</param>
/// <param name="Memory">libvirt's video memory in KiB; null when there is none to choose.</param>
/// <param name="HasResolution">Whether it can be told its first resolution.</param>
internal sealed record VideoModel(string Primary, string? Secondary, long? Memory, bool HasResolution)
{
    /// <summary>Those of QEMU's x86 machines, by libvirt's names.</summary>
    public static readonly IReadOnlyDictionary<string, VideoModel> All = new Dictionary<string, VideoModel>(StringComparer.Ordinal)
    {
        ["vga"] = new("VGA", null, 16384, true),
        ["cirrus"] = new("cirrus-vga", null, 16384, false),
        ["vmvga"] = new("vmware-svga", null, 16384, false),
        ["qxl"] = new("qxl-vga", "qxl", 65536, true),
        ["virtio"] = new("virtio-vga", "virtio-gpu-pci", null, true),
        ["bochs"] = new("bochs-display", null, 16384, true),
        ["ramfb"] = new("ramfb", null, null, false),
        ["none"] = new("", null, null, false),
    };
}
