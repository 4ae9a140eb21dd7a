using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The <c>target</c> of a PCI controller: how the guest finds it again. What the definition leaves open follows from
/// the index and the address.</summary>
internal sealed class PciControllerTarget
{
    private const int HighestBus = 256;

    private readonly XElement _controller;
    private readonly PciControllerModel _model;
    private readonly GuestContext _context;

    /// <summary>Reads the element.</summary>
    public PciControllerTarget(XElement controller, PciControllerModel model, GuestContext context)
    {
        _controller = controller;
        _model = model;
        _context = context;
        if (Target is not { } target)
            return;
        bool isPort = model.Is is PciConnect.RootPort or PciConnect.SwitchDownstream;
        Allow(target, "chassisNr", model.Is == PciConnect.Bridge);
        Allow(target, "chassis", isPort);
        Allow(target, "port", isPort);
        Allow(target, "busNr", model.IsExpander);
        Allow(target, "index", false);
        Allow(target, "hotplug", isPort || model.Name == "pci-root");
        Hotplug = target.Flag("hotplug");
        target.Integer("chassisNr", 1, 255);
        target.Integer("chassis", 0, 255);
        target.Integer("port", 0, 255);
        target.Integer("busNr", 1, 254);
        if (target.Element("node") is { } node && !model.IsExpander)
            throw XmlFault.Unsupported(node, $"a '{model.Name}' is on no NUMA node of its own", "Use an expander bus.");
    }

    /// <summary>Whether devices can be plugged while the guest runs; null for QEMU's default.</summary>
    public bool? Hotplug { get; }

    /// <summary>The number of an expander's first bus.</summary>
    public int? BusNumber => Target?.Integer("busNr", 1, 254);

    private XElement? Target => _controller.Element("target");

    /// <summary>Fills in what the definition leaves open.</summary>
    public void Number(int index, PciAddress address)
    {
        switch (_model.Is)
        {
            case PciConnect.RootPort or PciConnect.SwitchDownstream:
                XElement target = _controller.GetOrAdd("target");
                int place = _model.Is == PciConnect.RootPort ? (address.Slot << 3) | address.Function : address.Slot;
                target.SetDefault("chassis", index);
                target.SetDefault("port", "0x" + place.ToString("x", CultureInfo.InvariantCulture));
                break;
            case PciConnect.Bridge:
                _controller.GetOrAdd("target").SetDefault("chassisNr", index);
                break;
            case PciConnect.Expander or PciConnect.ExpressExpander:
                if (BusNumber is null)
                    _controller.GetOrAdd("target").SetAttributeValue("busNr", FreeBusNumber());
                CheckNode();
                break;
        }
    }

    /// <summary>Writes the properties.</summary>
    public void AddTo(JsonObject device)
    {
        if (Target is not { } target)
            return;
        device.With("chassis", target.Integer("chassis", 0, 255)).With("port", target.Integer("port", 0, 255))
            .With("chassis_nr", target.Integer("chassisNr", 1, 255)).With("hotplug", Hotplug)
            .With("bus_nr", BusNumber).With("numa_node", Node);
    }

    private long? Node => Target?.Element("node")?.Number(0, 255);

    private void Allow(XElement target, string attribute, bool allowed)
    {
        if (!allowed && target.Attribute(attribute) is { } found)
            throw XmlFault.Unsupported(found, $"a '{_model.Name}' has none");
    }

    // Two numbers below the lowest one in use: one for the expander, one for the bridge within it.
    private int FreeBusNumber()
    {
        int lowest = _context.Of<PciController>().Min(controller => controller.BusNumber) ?? HighestBus;
        return lowest > 2
            ? lowest - 2
            : throw XmlFault.Unsupported(_controller, "no bus number is free below that of another expander bus", "Give each its busNr.");
    }

    private void CheckNode()
    {
        int cells = _context.General.Root.Element("cpu")?.Element("numa")?.Elements("cell").Count() ?? 0;
        if (Node is { } node && node >= cells)
            throw XmlFault.Invalid(Target!.Element("node")!, $"the guest has no NUMA node {node}", "Add it as <cpu><numa><cell>.");
    }
}
