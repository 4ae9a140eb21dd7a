using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Addresses;

/// <summary>
/// The buses of a guest and who sits where. A growing plan adds the buses that are missing, to learn which controllers a
/// definition implies; the final one only uses those that are there.
/// </summary>
internal sealed class PciPlan
{
    private const int LastBus = 255;

    private readonly GuestContext _context;
    private readonly bool _growing;
    private readonly List<PciBus> _buses = [];
    private readonly Dictionary<GuestDevice, PciAddress> _places = [];

    /// <summary>A plan with a bus for each controller, and default ones for the indexes between them.</summary>
    public PciPlan(GuestContext context, bool growing)
    {
        _context = context;
        _growing = growing;
        Dictionary<int, PciController> controllers = context.Of<PciController>().ToDictionary(controller => controller.Index);
        for (int index = 0; index <= controllers.Keys.DefaultIfEmpty(0).Max(); index++)
        {
            _buses.Add(new PciBus(index, controllers.TryGetValue(index, out PciController? controller)
                ? controller.Model
                : PciControllerModel.Get(index == 0 ? RootModel : ImpliedModel)));
        }
    }

    /// <summary>Whether the machine has PCI Express.</summary>
    public bool IsExpress => _context.MachineKind == MachineKind.Q35;

    /// <summary>The buses, by index.</summary>
    public IReadOnlyList<PciBus> Buses => _buses;

    /// <summary>Where each device is.</summary>
    public IReadOnlyDictionary<GuestDevice, PciAddress> Places => _places;

    private string RootModel => IsExpress ? "pcie-root" : "pci-root";

    private string ImpliedModel => IsExpress ? "pcie-root-port" : "pci-bridge";

    /// <summary>Checks and takes the address that the definition gives a device.</summary>
    public void Claim(GuestDevice device, PciAddress address)
    {
        XElement at = device.Element.Element("address") ?? device.Element;
        PciRequest request = PciRequest.Of(device, IsExpress);
        if (_growing && address.Bus >= _buses.Count)
            Grow(IsExpress && device is not PciController ? new PciRequest(PciConnect.Express) : request, address.Bus - _buses.Count + 1, at);
        if (address.Bus >= _buses.Count)
            throw XmlFault.Invalid(at, $"there is no PCI controller with index {address.Bus}");
        PciBus bus = _buses[address.Bus];
        if (device.PciNeed != PciNeed.Fixed)
            CheckFit(device, request, bus, address, at);
        Take(device, address, at, request.Shares);
    }

    /// <summary>Takes a place for a device unless someone has its slot; whether it was free.</summary>
    public bool TryTake(GuestDevice device, PciAddress address)
    {
        if (_buses[address.Bus].InUse(address.Slot))
            return false;
        Take(device, address, device.Element, shares: false);
        return true;
    }

    /// <summary>Keeps a function of the root bus for the machine's chipset.</summary>
    public void Reserve(int slot, int function)
    {
        PciBus root = _buses[0];
        if (root[slot, function] is { } other)
            throw XmlFault.Invalid(
                _context.General.Root, $"the PCI address {new PciAddress(0, slot, function).Place} of {other} is taken by the machine's own chipset");
        root.Take(slot, function, "the machine's chipset");
    }

    /// <summary>Gives a device the first free place.</summary>
    public void Place(GuestDevice device)
    {
        PciRequest request = PciRequest.Of(device, IsExpress);
        Take(device, Next(request, device.Element), device.Element, request.Shares);
    }

    /// <summary>Keeps a place for a device that is yet to come; a growing plan adds the bus for it.</summary>
    public void PlaceFuture(PciRequest request)
    {
        PciAddress address = Next(request, _context.General.Root);
        _buses[address.Bus].Take(address.Slot, address.Function, "a device to come", request.Shares);
    }

    private PciAddress Next(PciRequest request, XElement at)
    {
        foreach (PciBus bus in _buses)
        {
            if (bus.Free(request) is { } free)
                return free;
        }

        if (!_growing)
            throw XmlFault.Invalid(at, "no PCI slot is free for it");
        Grow(request, 1, at);
        return _buses[^1].Free(request) ?? throw XmlFault.Invalid(at, "no PCI slot is free for it");
    }

    /// <summary>Adds buses that take what is requested: root ports for PCI Express; bridges for conventional devices, behind a
    /// first one that leads from PCI Express to PCI.</summary>
    private void Grow(PciRequest request, int count, XElement at)
    {
        PciControllerModel model = PciControllerModel.Get("pcie-root-port");
        if ((request.Is & (PciConnect.Conventional | PciConnect.Bridge)) != 0)
        {
            model = PciControllerModel.Get("pci-bridge");
            if (count == 1 && !_buses.Any(bus => (bus.Accepts & PciConnect.Bridge) != 0))
            {
                Add(PciControllerModel.Get("pcie-root-port"), at, PciConnect.ExpressBridge);
                model = PciControllerModel.Get("pcie-to-pci-bridge");
            }
        }
        else if ((request.Is & (PciConnect.Express | PciConnect.SwitchUpstream | PciConnect.ExpressBridge)) == 0 || request.Integrated)
        {
            throw XmlFault.Invalid(at, "no PCI bus that is there has a free place for it, and none can be added by itself",
                "Give it an address, or add the controller it plugs into.");
        }

        for (int added = 0; added < count; added++)
            Add(model, at);
    }

    private void Add(PciControllerModel model, XElement at, PciConnect? accepts = null)
    {
        if (_buses.Count > LastBus)
            throw XmlFault.Invalid(at, $"the devices need more than {LastBus} PCI buses");
        _buses.Add(new PciBus(_buses.Count, model, accepts));
    }

    private static void CheckFit(GuestDevice device, PciRequest request, PciBus bus, PciAddress address, XElement at)
    {
        if (request.Integrated && bus.Index > 0)
            throw XmlFault.Invalid(at, "the device is integrated into the machine: it must be on bus 0");
        if (!request.FitsByHand(bus))
            throw XmlFault.Invalid(at, $"the bus {bus.Index} is that of a '{bus.Model.Name}', which does not take {Kind(device)}");
        if (address.Slot < bus.Model.FirstSlot || address.Slot > bus.Model.LastSlot)
        {
            throw XmlFault.Invalid(
                at, $"the bus {bus.Index} of '{bus.Model.Name}' has slots {bus.Model.FirstSlot} to {bus.Model.LastSlot}, not {address.Slot}");
        }
    }

    private void Take(GuestDevice device, PciAddress address, XElement at, bool shares)
    {
        PciBus bus = _buses[address.Bus];
        if (bus[address.Slot, address.Function] is { } other)
            throw XmlFault.Invalid(at, $"the PCI address {address.Place} is taken by {other}");
        int line = device.Element.Line();
        bus.Take(
            address.Slot, address.Function, $"the <{device.Element.Name.LocalName}>{(line > 0 ? $" at line {line}" : "")}", shares);
        _places[device] = address;
    }

    private static string Kind(GuestDevice device) => device is PciController controller
        ? $"a '{controller.Model.Name}'"
        : $"a device as <{device.Element.Name.LocalName}>";
}
