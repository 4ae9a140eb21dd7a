using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The <c>model</c> of a network card. Names that are not libvirt's are QEMU's own, and taken as they are.</summary>
/// <param name="Name">The name in the definition.</param>
/// <param name="Driver">QEMU's device.</param>
/// <param name="Need">What it needs of PCI.</param>
internal sealed record InterfaceModel(string Name, string Driver, PciNeed Need)
{
    private static readonly Dictionary<string, (string Driver, PciNeed Need)> Known = new(StringComparer.Ordinal)
    {
        ["virtio"] = ("virtio-net-pci", PciNeed.Express),
        ["virtio-transitional"] = ("virtio-net-pci-transitional", PciNeed.Conventional),
        ["virtio-non-transitional"] = ("virtio-net-pci-non-transitional", PciNeed.Express),
        ["e1000"] = ("e1000", PciNeed.Conventional),
        ["e1000e"] = ("e1000e", PciNeed.Express),
        ["rtl8139"] = ("rtl8139", PciNeed.Conventional),
        ["ne2k_pci"] = ("ne2k_pci", PciNeed.Conventional),
        ["ne2k_isa"] = ("ne2k_isa", PciNeed.None),
        ["pcnet"] = ("pcnet", PciNeed.Conventional),
        ["vmxnet3"] = ("vmxnet3", PciNeed.Conventional),
        ["usb-net"] = ("usb-net", PciNeed.None),
    };

    /// <summary>Models in the order in which one is taken for a card that names none; libvirt's order.</summary>
    private static readonly string[] Defaults = ["rtl8139", "e1000", "virtio"];

    /// <summary>Whether it is paravirtual.</summary>
    public bool IsVirtio => Name.StartsWith("virtio", StringComparison.Ordinal);

    /// <summary>Whether it plugs into USB.</summary>
    public bool IsUsb => Name == "usb-net";

    /// <summary>Reads the card's model; one that is missing is chosen and written back.</summary>
    public static InterfaceModel Read(XElement card, GuestContext context)
    {
        XElement? model = card.Element("model");
        string? name = model?.Text("type");
        if (string.IsNullOrEmpty(name))
        {
            name = card.Text("type") == "vdpa" ? "virtio" : Array.Find(Defaults, candidate => context.Capabilities.HasDevice(Known[candidate].Driver)) ?? Defaults[^1];
            if (model is null)
                (card.Elements().LastOrDefault(child => child.Name.LocalName is "mac" or "source" or "virtualport") ?? card.Element("mac")!)
                    .AddAfterSelf(model = new XElement("model"));
            model.SetAttributeValue("type", name);
        }

        if (!name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
            throw XmlFault.Invalid(model!.Attribute("type")!, $"'{name}' is not the name of a model");
        (string driver, PciNeed need) = Known.GetValueOrDefault(name, (name, PciNeed.Express));
        context.RequireDevice(model!, driver);
        return new InterfaceModel(name, driver, context.MachineKind == MachineKind.Isa && driver == name ? PciNeed.None : need);
    }
}
