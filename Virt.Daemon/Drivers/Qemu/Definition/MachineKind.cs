namespace Virt.Daemon.Drivers.Qemu.Definition;

/// <summary>The families of x86 machines, by what they have on board.</summary>
internal enum MachineKind
{
    /// <summary>i440FX: PCI, IDE, ISA.</summary>
    I440fx,

    /// <summary>Q35: PCI Express, SATA.</summary>
    Q35,

    /// <summary>A machine without PCI: isapc.</summary>
    Isa,
}

/// <summary>What executes the guest's instructions; the domain's type.</summary>
internal enum Accelerator
{
    /// <summary>Emulation; type <c>qemu</c>.</summary>
    Tcg,

    /// <summary>The host's processor; type <c>kvm</c>.</summary>
    Kvm,
}
