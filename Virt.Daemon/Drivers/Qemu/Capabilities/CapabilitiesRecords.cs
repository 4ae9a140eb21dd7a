using Virt.Hosts;

namespace Virt.Daemon.Drivers.Qemu.Capabilities;

/// <summary>Turns what was probed into the records of the API.</summary>
internal static class CapabilitiesRecords
{
    /// <summary>Per device element and attribute: libvirt's value and the QEMU device it needs (null: none).</summary>
    private static readonly (string Element, string Attribute, (string Value, string? Device)[] Values)[] Devices =
    [
        ("disk", "device", [("disk", null), ("cdrom", null), ("floppy", "floppy")]),
        ("disk", "bus",
        [
            ("ide", "ide-hd"), ("fdc", "floppy"), ("scsi", "scsi-hd"), ("virtio", "virtio-blk-pci"), ("usb", "usb-storage"),
            ("sata", "ich9-ahci"),
        ]),
        ("disk", "model", Virtio("virtio-blk-pci")),
        ("graphics", "type", [("vnc", null)]),
        ("video", "modelType",
        [
            ("vga", "VGA"), ("cirrus", "cirrus-vga"), ("vmvga", "vmware-svga"), ("qxl", "qxl-vga"), ("virtio", "virtio-vga"),
            ("none", null), ("bochs", "bochs-display"), ("ramfb", "ramfb"),
        ]),
        ("rng", "model", Virtio("virtio-rng-pci")),
        ("rng", "backendModel", [("random", null), ("builtin", null)]),
        ("interface", "model",
        [
            .. Virtio("virtio-net-pci"), ("e1000", "e1000"), ("e1000e", "e1000e"), ("rtl8139", "rtl8139"), ("vmxnet3", "vmxnet3"),
            ("pcnet", "pcnet"), ("ne2k_pci", "ne2k_pci"),
        ]),
        ("channel", "type", [("pty", null), ("unix", null), ("file", null), ("tcp", null), ("null", null)]),
        ("memballoon", "model", [.. Virtio("virtio-balloon-pci"), ("none", null)]),
        ("loader", "type", [("rom", null), ("pflash", "cfi.pflash01")]),
        ("memory", "model",
            [("dimm", "pc-dimm"), ("nvdimm", "nvdimm"), ("virtio-pmem", "virtio-pmem-pci"), ("virtio-mem", "virtio-mem-pci")]),
        ("watchdog", "model", [("i6300esb", "i6300esb"), ("ib700", "ib700"), ("itco", null)]),
        ("panic", "model", [("isa", "pvpanic"), ("hyperv", null)]),
    ];

    /// <summary>The host's capabilities from those of its emulators.</summary>
    public static HostCapabilities Host(Guid host, NodeReader node, IReadOnlyList<QemuCapabilities> emulators)
    {
        KvmSupport kvm = emulators.FirstOrDefault(emulator => emulator.Kvm.Usable)?.Kvm
            ?? (emulators.Count > 0 ? emulators[0].Kvm : new KvmSupport(false, "there is no emulator"));
        return new HostCapabilities(
            host, EmulatorSearch.HostArchitecture, node.Read().CpuModel, node.Vendor(), kvm.Usable, kvm.Reason,
            [.. emulators.Select(Guest)]);
    }

    /// <summary>What one emulator, machine and domain type offer; null when the emulator has no such machine.</summary>
    public static DomainCapabilities? Domain(QemuCapabilities found, string? machine, string? type)
    {
        if (found.FindMachine(machine) is not { } known)
            return null;
        string accelerator = type ?? (found.Kvm.Usable ? "kvm" : "qemu");
        IReadOnlyList<QemuCpuModel> models = accelerator == "kvm" ? found.KvmCpuModels : found.CpuModels;
        return new DomainCapabilities(
            found.Emulator, accelerator, found.Architecture, known.Name, known.MaximumVCpu, [.. models.Select(Model)],
            [.. Devices.Select(device => new DeviceCapabilities(device.Element, device.Attribute, Available(found, device.Values)))]);
    }

    private static CpuModelCapabilities Model(QemuCpuModel model) =>
        new(model.Name, model.Blockers is { } blockers ? blockers.Count == 0 : null, model.Deprecated, model.Blockers ?? []);

    private static string[] Available(QemuCapabilities found, (string Value, string? Device)[] values) =>
        [.. values.Where(value => value.Device is null || found.HasDevice(value.Device)).Select(value => value.Value)];

    private static (string Value, string? Device)[] Virtio(string device) =>
    [
        ("virtio", device), ("virtio-transitional", device + "-transitional"), ("virtio-non-transitional", device + "-non-transitional"),
    ];

    private static GuestCapabilities Guest(QemuCapabilities found) => new(
        found.Architecture, found.Emulator, found.Version, "hvm", found.Kvm.Usable ? ["qemu", "kvm"] : ["qemu"],
        [.. found.Machines.Where(machine => machine.Name != "none").Select(Machine)]);

    private static MachineCapabilities Machine(QemuMachine machine) =>
        new(machine.Name, machine.Alias, machine.MaximumVCpu, machine.Default, machine.Deprecated);
}
