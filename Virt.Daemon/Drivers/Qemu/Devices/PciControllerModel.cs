using Virt.Daemon.Drivers.Qemu.Definition.Addresses;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>A kind of PCI controller: what it is to QEMU, where it plugs, and what plugs into it.</summary>
/// <param name="Name">libvirt's name of the model.</param>
/// <param name="Driver">QEMU's device; null for a root, which the machine has.</param>
/// <param name="Need">Where it plugs.</param>
/// <param name="Accepts">What plugs into its bus without being told so.</param>
/// <param name="FirstSlot">The first slot of its bus.</param>
/// <param name="LastSlot">The last slot of its bus.</param>
internal sealed record PciControllerModel(string Name, string? Driver, PciNeed Need, PciNeed Accepts, int FirstSlot, int LastSlot)
{
    private static readonly PciControllerModel[] All =
    [
        new("pci-root", null, PciNeed.None, PciNeed.Conventional, 1, 31),
        new("pcie-root", null, PciNeed.None, PciNeed.Root, 1, 31),
        new("pcie-root-port", "pcie-root-port", PciNeed.Root, PciNeed.Express, 0, 0),
        new("pcie-to-pci-bridge", "pcie-pci-bridge", PciNeed.Express, PciNeed.Conventional, 1, 31),
        new("dmi-to-pci-bridge", "i82801b11-bridge", PciNeed.Root, PciNeed.Conventional, 1, 31),
        new("pci-bridge", "pci-bridge", PciNeed.Conventional, PciNeed.Conventional, 1, 31),
        new("pcie-switch-upstream-port", "x3130-upstream", PciNeed.Express, PciNeed.SwitchDownstream, 0, 31),
        new("pcie-switch-downstream-port", "xio3130-downstream", PciNeed.SwitchDownstream, PciNeed.Express, 0, 0),
    ];

    /// <summary>The names of all models.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(model => model.Name)];

    /// <summary>Whether it is the machine's own bus.</summary>
    public bool IsRoot => Driver is null;

    /// <summary>Whether its bus has PCI Express links.</summary>
    public bool IsExpress => Accepts != PciNeed.Conventional;

    /// <summary>The model of a name; null when it is none.</summary>
    public static PciControllerModel? Find(string name) => Array.Find(All, model => model.Name == name);
}
