using Virt.Hosts;

namespace Virt.Daemon.Drivers.Qemu.Capabilities;

/// <summary>Turns what was probed into the records of the API.</summary>
internal static class CapabilitiesRecords
{
    /// <summary>Per device element and attribute: libvirt's value and the QEMU device it needs (null: none).</summary>
    private static readonly (string Element, string Attribute, (string Value, string? Device)[] Values)[] Devices =
    [
        ("disk", "device", [("disk", null), ("cdrom", null), ("floppy", "floppy")]),
        ("disk", "bus", [("ide", "ide-hd"), ("fdc", "floppy"), ("scsi", "scsi-hd"), ("virtio", "virtio-blk-pci"), ("usb", "usb-storage"), ("sata", "ich9-ahci")]),
        ("disk", "model", [("virtio", "virtio-blk-pci"), ("virtio-transitional", "virtio-blk-pci-transitional"), ("virtio-non-transitional", "virtio-blk-pci-non-transitional")]),
        ("graphics", "type", [("vnc", null)]),
        ("video", "modelType", [("vga", "VGA"), ("cirrus", "cirrus-vga"), ("vmvga", "vmware-svga"), ("qxl", "qxl-vga"), ("virtio", "virtio-vga"), ("none", null), ("bochs", "bochs-display"), ("ramfb", "ramfb")]),
        ("rng", "model", [("virtio", "virtio-rng-pci"), ("virtio-transitional", "virtio-rng-pci-transitional"), ("virtio-non-transitional", "virtio-rng-pci-non-transitional")]),
        ("rng", "backendModel", [("random", null), ("builtin", null)]),
        ("interface", "model", [("virtio", "virtio-net-pci"), ("e1000", "e1000"), ("e1000e", "e1000e"), ("rtl8139", "rtl8139"), ("vmxnet3", "vmxnet3"), ("pcnet", "pcnet"), ("ne2k_pci", "ne2k_pci")]),
        ("channel", "type", [("pty", null), ("unix", null), ("file", null), ("tcp", null), ("null", null)]),
        ("memballoon", "model", [("virtio", "virtio-balloon-pci"), ("none", null)]),
        ("watchdog", "model", [("i6300esb", "i6300esb"), ("ib700", "ib700"), ("itco", null)]),
        ("panic", "model", [("isa", "pvpanic"), ("hyperv", null)]),
    ];

    /// <summary>The host's capabilities from those of its emulators.</summary>
    public static HostCapabilities Host(Guid host, NodeReader node, IReadOnlyList<QemuCapabilities> emulators)
    {
        KvmSupport kvm = emulators.FirstOrDefault(emulator => emulator.Kvm.Usable)?.Kvm ?? (emulators.Count > 0 ? emulators[0].Kvm : new KvmSupport(false, "there is no emulator"));
        return new HostCapabilities(
            host, EmulatorSearch.HostArchitecture, node.Read().CpuModel, node.Vendor(), kvm.Usable, kvm.Reason, [.. emulators.Select(Guest)]);
    }

    /// <summary>What one emulator, machine and domain type offer; null when the emulator has no such machine.</summary>
    public static DomainCapabilities? Domain(QemuCapabilities found, string? machine, string? type)
    {
        if (found.FindMachine(machine) is not { } known)
            return null;
        string accelerator = type ?? (found.Kvm.Usable ? "kvm" : "qemu");
        IReadOnlyList<QemuCpuModel> models = accelerator == "kvm" ? found.KvmCpuModels : found.CpuModels;
        return new DomainCapabilities(
            found.Emulator, accelerator, found.Architecture, known.Name, known.MaximumVCpu,
            [.. models.Select(model => new CpuModelCapabilities(model.Name, model.Blockers is { } blockers ? blockers.Count == 0 : null, model.Deprecated, model.Blockers ?? []))],
            [.. Devices.Select(device => new DeviceCapabilities(device.Element, device.Attribute, [.. device.Values.Where(value => value.Device is null || found.HasDevice(value.Device)).Select(value => value.Value)]))]);
    }

    private static GuestCapabilities Guest(QemuCapabilities found) => new(
        found.Architecture, found.Emulator, found.Version, "hvm", found.Kvm.Usable ? ["qemu", "kvm"] : ["qemu"],
        [.. found.Machines.Where(machine => machine.Name != "none").Select(machine => new MachineCapabilities(machine.Name, machine.Alias, machine.MaximumVCpu, machine.Default, machine.Deprecated))]);
}
