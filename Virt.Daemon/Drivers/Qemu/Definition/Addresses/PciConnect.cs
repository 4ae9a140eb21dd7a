namespace Virt.Daemon.Drivers.Qemu.Definition.Addresses;

/// <summary>Kinds of connection on PCI: what a device is, and what a bus takes.</summary>
[Flags]
internal enum PciConnect
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A conventional PCI device.</summary>
    Conventional = 1,

    /// <summary>A PCI Express device.</summary>
    Express = 2,

    /// <summary>A device of either kind; a definition may put the one into the other's place.</summary>
    Endpoint = Conventional | Express,

    /// <summary><c>pci-bridge</c>.</summary>
    Bridge = 4,

    /// <summary><c>pci-expander-bus</c>.</summary>
    Expander = 8,

    /// <summary><c>dmi-to-pci-bridge</c>.</summary>
    DmiBridge = 16,

    /// <summary><c>pcie-root-port</c>.</summary>
    RootPort = 32,

    /// <summary><c>pcie-switch-upstream-port</c>.</summary>
    SwitchUpstream = 64,

    /// <summary><c>pcie-switch-downstream-port</c>.</summary>
    SwitchDownstream = 128,

    /// <summary><c>pcie-to-pci-bridge</c>.</summary>
    ExpressBridge = 256,

    /// <summary><c>pcie-expander-bus</c>.</summary>
    ExpressExpander = 512,
}
