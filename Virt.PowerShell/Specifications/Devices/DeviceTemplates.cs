using static Virt.PowerShell.DeviceKey;

namespace Virt.PowerShell;

/// <summary>The types of device that can be said in hashtables, one entry each; all others can be given as XML.</summary>
internal static class DeviceTemplates
{
    private static readonly DeviceTemplate[] All =
    [
        new("memory",
            [
                Size("Size", "target/size"), Number("Node", "target/node"), Text("Model", "@model"), Text("Path", "source/path"),
                Size("Requested", "target/requested"), Size("Block", "target/block"), Size("Label", "target/label/size"),
                Flag("Discard", "@discard", "yes", "no"),
            ],
            [("@model", "dimm")]),
        new("rng",
            [
                Text("Source", "backend"), Text("Model", "@model"), Choice("Backend", "backend/@model", "random", "builtin", "egd"),
                Number("Bytes", "rate/@bytes", 1), Number("Period", "rate/@period", 1),
            ],
            [("@model", "virtio"), ("backend/@model", "random"), ("backend", "/dev/urandom")]),
        new("watchdog",
            [
                Text("Model", "@model"),
                Choice("Action", "@action", "reset", "shutdown", "poweroff", "pause", "none", "dump", "inject-nmi"),
            ],
            [("@model", "i6300esb"), ("@action", "reset")]),
        new("serial", [Character("Source"), Number("Port", "target/@port")], [("@type", "pty")]),
        new("parallel", [Character("Source"), Number("Port", "target/@port")], [("@type", "pty")]),
        new("console",
            [Character("Source"), Choice("Target", "target/@type", "serial", "virtio"), Number("Port", "target/@port")],
            [("@type", "pty"), ("target/@type", "virtio")]),
        new("channel",
            [Text("Name", "target/@name"), Character("Source"), Choice("Target", "target/@type", "virtio", "guestfwd")],
            [("@type", "unix"), ("target/@type", "virtio"), ("target/@name", "org.qemu.guest_agent.0")]),
        new("input",
            [
                Choice("Kind", "@type", "tablet", "mouse", "keyboard", "passthrough", "evdev"), Choice("Bus", "@bus", "usb", "virtio", "ps2"),
                Text("Model", "@model"), Text("Device", "source/@evdev"),
            ],
            [("@type", "tablet"), ("@bus", "usb")]),
        new("filesystem",
            [
                Text("Path", "source/@dir"), Text("Tag", "target/@dir"), Choice("Driver", "driver/@type", "virtiofs", "path"),
                Choice("AccessMode", "@accessmode", "passthrough", "mapped", "squash"), Presence("ReadOnly", "readonly"),
                Number("Queue", "driver/@queue", 1),
            ],
            [("@type", "mount"), ("@accessmode", "passthrough"), ("driver/@type", "virtiofs")]),
        new("hostdev",
            [
                new DeviceKey("Address", (table, device) =>
                {
                    if (table.Text("Address") is { } address)
                        HostDeviceAddress.Write(device, address);
                }),
                Flag("Managed", "@managed", "yes", "no"), Number("BootOrder", "boot/@order", 1), Flag("RomBar", "rom/@bar"),
                Text("RomFile", "rom/@file"),
            ],
            []),
        new("tpm",
            [Text("Model", "@model"), Choice("Version", "backend/@version", "1.2", "2.0"), Choice("Backend", "backend/@type", "emulator", "passthrough")],
            [("@model", "tpm-crb"), ("backend/@type", "emulator"), ("backend/@version", "2.0")]),
        new("vsock",
            [Number("Cid", "cid/@address", 3), Text("Model", "@model"), Flag("Auto", "cid/@auto", "yes", "no")],
            [("@model", "virtio")]),
        new("panic", [Text("Model", "@model")], [("@model", "isa")]),
        new("sound", [Text("Model", "@model")], [("@model", "ich9")]),
        new("audio", [Number("Id", "@id", 1), Text("Kind", "@type")], [("@id", "1"), ("@type", "none")]),
        new("video",
            [Text("Model", "model/@type"), Number("Heads", "model/@heads", 1), Number("Vram", "model/@vram", 1)],
            [("model/@type", "virtio")]),
        new("graphics",
            [
                Choice("Kind", "@type", "vnc", "spice"), Text("Listen", "@listen"), Number("Port", "@port", 1024),
                Flag("AutoPort", "@autoport", "yes", "no"),
                new DeviceKey("Password", (table, device) => Put(device, "@passwd", GraphicsSpec.Reveal(table.Value("Password")))),
                Text("PasswordValidTo", "@passwdValidTo"),
            ],
            [("@type", "vnc"), ("@autoport", "yes"), ("@listen", "127.0.0.1")]),
        new("redirdev", [Text("Kind", "@type"), Text("Bus", "@bus")], [("@type", "spicevmc"), ("@bus", "usb")]),
        new("smartcard", [Text("Mode", "@mode"), Text("Kind", "@type")], [("@mode", "passthrough"), ("@type", "spicevmc")]),
        new("shmem",
            [Text("Name", "@name"), Size("Size", "size"), Text("Model", "model/@type")], [("model/@type", "ivshmem-plain")]),
        new("iommu", [Text("Model", "@model")], [("@model", "intel")]),
        new("memballoon",
            [
                Text("Model", "@model"), Flag("AutoDeflate", "@autodeflate"), Flag("FreePageReporting", "@freePageReporting"),
                Number("Period", "stats/@period", 1),
            ],
            [("@model", "virtio")]),
        new("controller", [Text("Kind", "@type"), Text("Model", "@model"), Number("Index", "@index")], []),
    ];

    /// <summary>The names of the types.</summary>
    public static IEnumerable<string> Names => All.Select(template => template.Element);

    /// <summary>The template of a type.</summary>
    /// <exception cref="FormatException">There is none; says what to use.</exception>
    public static DeviceTemplate For(string type)
    {
        string element = DeviceTypes.Element(type);
        return All.FirstOrDefault(template => template.Element == element) ?? throw new FormatException(element switch
        {
            "disk" => "Disks are for Add-VirtDisk and Set-VirtDisk.",
            "interface" => "Network cards are for Add-VirtNic and Set-VirtNic.",
            _ => $"A device of the type '{type}' cannot be said by properties; use -Xml. Types that can: {string.Join(", ", Names)}.",
        });
    }
}
