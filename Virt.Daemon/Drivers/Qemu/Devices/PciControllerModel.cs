using Virt.Daemon.Drivers.Qemu.Definition.Addresses;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>A kind of PCI controller: what it is to QEMU, where it plugs, and what plugs into it.</summary>
/// <param name="Name">libvirt's name of the model.</param>
/// <param name="Driver">QEMU's device; null for a root, which the machine has.</param>
/// <param name="Is">What it is to the bus it plugs into.</param>
/// <param name="Accepts">What its bus takes.</param>
/// <param name="Automatic">Whether devices are put on its bus without the definition asking for it.</param>
/// <param name="FirstSlot">The first slot of its bus.</param>
/// <param name="LastSlot">The last slot of its bus.</param>
internal sealed record PciControllerModel(
    string Name, string? Driver, PciConnect Is, PciConnect Accepts, bool Automatic, int FirstSlot, int LastSlot)
{
    private const PciConnect ConventionalBus = PciConnect.Conventional | PciConnect.Bridge;
    private const PciConnect Link = PciConnect.Express | PciConnect.SwitchUpstream | PciConnect.ExpressBridge;

    private static readonly PciControllerModel[] All =
    [
        new("pci-root", null, PciConnect.None, ConventionalBus | PciConnect.Expander, true, 1, 31),
        new("pcie-root", null, PciConnect.None,
            PciConnect.Express | PciConnect.RootPort | PciConnect.DmiBridge | PciConnect.ExpressExpander, false, 1, 31),
        new("pcie-root-port", "pcie-root-port", PciConnect.RootPort, Link, true, 0, 0),
        new("pcie-to-pci-bridge", "pcie-pci-bridge", PciConnect.ExpressBridge, ConventionalBus, true, 1, 31),
        new("dmi-to-pci-bridge", "i82801b11-bridge", PciConnect.DmiBridge, ConventionalBus, false, 0, 31),
        new("pci-bridge", "pci-bridge", PciConnect.Bridge, ConventionalBus, true, 1, 31),
        new("pcie-switch-upstream-port", "x3130-upstream", PciConnect.SwitchUpstream, PciConnect.SwitchDownstream, true, 0, 31),
        new("pcie-switch-downstream-port", "xio3130-downstream", PciConnect.SwitchDownstream, Link, true, 0, 0),
        new("pci-expander-bus", "pxb", PciConnect.Expander, ConventionalBus, true, 0, 31),
        new("pcie-expander-bus", "pxb-pcie", PciConnect.ExpressExpander, PciConnect.RootPort | PciConnect.DmiBridge, false, 0, 31),
    ];

    /// <summary>The names of all models.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(model => model.Name)];

    /// <summary>Whether it is the machine's own bus.</summary>
    public bool IsRoot => Driver is null;

    /// <summary>Whether several of its kind share a slot, function by function.</summary>
    public bool SharesSlot => Is == PciConnect.RootPort;

    /// <summary>Whether it needs a machine with PCI Express.</summary>
    public bool IsExpress => Name is not ("pci-root" or "pci-bridge" or "pci-expander-bus");

    /// <summary>Whether it is another root, with a bus number and a NUMA node of its own.</summary>
    public bool IsExpander => Is is PciConnect.Expander or PciConnect.ExpressExpander;

    /// <summary>The model of a name.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static PciControllerModel Get(string name) => All.First(model => model.Name == name);
}
