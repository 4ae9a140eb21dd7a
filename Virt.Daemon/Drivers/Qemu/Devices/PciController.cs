using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>controller type='pci'</c>: a root, port or bridge of the PCI tree. Its index is the bus of addresses.</summary>
internal sealed class PciController : ControllerDevice
{
    private readonly bool? _hotplug;

    public PciController(XElement element, GuestContext context)
        : base(element, context)
    {
        if (element.Attribute("model") is null)
            element.SetAttributeValue("model", DefaultModel());
        string name = element.Choice("model", [.. PciControllerModel.Names, "pcie-expander-bus", "pci-expander-bus"])!;
        Model = PciControllerModel.Find(name)
            ?? throw XmlFault.Unsupported(element, $"the PCI controller '{name}' is not supported by this version");
        bool express = context.MachineKind == MachineKind.Q35;
        if (context.MachineKind == MachineKind.Isa)
            throw XmlFault.Unsupported(element, $"the machine '{context.Machine.Name}' has no PCI");
        if (Model.IsRoot != (Index == 0) || (Model.IsRoot && Model.Name != (express ? "pcie-root" : "pci-root")))
            throw XmlFault.Invalid(
                element,
                $"on '{context.Machine.Name}' the PCI controller with index 0, and only it, is '{(express ? "pcie-root" : "pci-root")}'");
        if (!express && Model.Name is not ("pci-root" or "pci-bridge"))
            throw XmlFault.Unsupported(
                element, $"'{name}' needs a machine with PCI Express; '{context.Machine.Name}' has none",
                "Use the machine 'q35'.");
        if (Model.Driver is { } driver)
            context.RequireDevice(element, driver);
        XElement? target = element.Element("target");
        _hotplug = target?.Flag("hotplug");
        if (target?.Attribute("busNr") is { } numbered)
            throw XmlFault.Invalid(numbered, $"a '{name}' takes no bus number");
        ModelElement();
    }

    /// <summary>The kind.</summary>
    public PciControllerModel Model { get; }

    /// <inheritdoc/>
    public override PciNeed PciNeed => Model.Need;

    /// <summary>Fills in what follows from the address: chassis and port.</summary>
    public void Number()
    {
        if (Model.Name is "pcie-root-port" or "pcie-switch-downstream-port")
        {
            XElement target = Element.GetOrAdd("target");
            target.SetDefault("chassis", Index);
            int place = Model.Need == PciNeed.Root ? (PciAddress!.Slot << 3) | PciAddress.Function : PciAddress!.Slot;
            target.SetDefault("port", $"0x{place:x}");
        }
        else if (Model.Name == "pci-bridge")
        {
            Element.GetOrAdd("target").SetDefault("chassisNr", Index);
        }
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (Model.IsRoot)
            return;
        string driver = Element.Element("model")!.Text("name")!;
        XElement? target = Element.Element("target");
        JsonObject device = NewDevice(driver)
            .With("chassis", target?.Integer("chassis", 0, 255)).With("port", target?.Integer("port", 0, 255))
            .With("chassis_nr", target?.Integer("chassisNr", 0, 255)).With("hotplug", _hotplug);
        arguments.AddDevice(device);
    }

    /// <inheritdoc/>
    public override string Bus(int channel = 0) => Model.IsRoot ? AliasBase() : Alias;

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => AliasBase();

    private string AliasBase() => Model.Name == "pcie-root" ? "pcie.0" : $"pci.{Index}";

    private string DefaultModel() => (Context.MachineKind, Index) switch
    {
        (MachineKind.Q35, 0) => "pcie-root",
        (MachineKind.Q35, _) => "pcie-root-port",
        (_, 0) => "pci-root",
        _ => "pci-bridge",
    };

    private void ModelElement()
    {
        if (Model.Driver is not { } driver || Element.Element("model") is { } given && given.Text("name") == driver)
            return;
        if (Element.Element("model") is { } other)
        {
            if (other.Text("name") is { } name && !(Model.Name == "pcie-root-port" && name == "ioh3420"))
                throw XmlFault.Unsupported(other, $"'{name}' is not the QEMU device of a '{Model.Name}', which is '{driver}'");
            return;
        }

        Element.AddFirst(new XElement("model", new XAttribute("name", driver)));
    }
}
