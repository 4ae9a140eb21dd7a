namespace Virt.Daemon.Drivers.Qemu.Definition.Addresses;

/// <summary>What kind of place on PCI a device needs when the definition gives it none.</summary>
internal enum PciNeed
{
    /// <summary>It is not on PCI.</summary>
    None,

    /// <summary>A place where PCI Express devices can be plugged; any slot on a machine without PCI Express.</summary>
    Express,

    /// <summary>A conventional PCI slot.</summary>
    Conventional,

    /// <summary>The place of the first display: slot 1 of Q35's root bus, slot 2 of i440FX's.</summary>
    PrimaryVideo,

    /// <summary>Where its kind of PCI controller plugs.</summary>
    Controller,

    /// <summary>A slot of the root bus itself, on a machine with PCI Express.</summary>
    Integrated,

    /// <summary>A place the machine has wired; the device gives it itself.</summary>
    Fixed,
}
