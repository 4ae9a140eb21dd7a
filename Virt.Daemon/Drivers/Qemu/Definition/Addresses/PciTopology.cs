using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Addresses;

/// <summary>The buses of a guest, what the machine has on board, and who sits where.</summary>
internal sealed class PciTopology(GuestContext context)
{
    private const int LastBus = 255;
    private readonly SortedDictionary<int, PciBus> _buses = [];
    private readonly List<PciController> _added = [];

    private PciBus Root => _buses[0];

    private bool IsExpress => context.MachineKind == MachineKind.Q35;

    /// <summary>Functions of the root bus that the machine's own devices have: ISA bridge, power management, SMBus.</summary>
    private IEnumerable<(int Slot, int Function)> OnBoard => IsExpress
        ? [(0x1f, 0), (0x1f, 2), (0x1f, 3)]
        : [(1, 0), (1, 1), (1, 3)];

    /// <summary>Reads the addresses, and adds the root and the controllers that addresses speak of but the definition leaves
    /// out.</summary>
    public void Complete()
    {
        foreach (GuestDevice device in context.Devices.Where(device => device.PciNeed is not PciNeed.None))
            context.Faults.Try(() => device.PciAddress ??= PciAddress.Read(device.Element));
        int last = context.Devices.Max(device => device.PciAddress?.Bus) ?? 0;
        HashSet<int> known = [.. context.Of<PciController>().Select(controller => controller.Index)];
        for (int index = 0; index <= last; index++)
        {
            if (!known.Contains(index))
                Imply(index, index == 0 ? IsExpress ? "pcie-root" : "pci-root" : IsExpress ? "pcie-root-port" : "pci-bridge");
        }

        foreach (PciController controller in context.Of<PciController>().OrderBy(controller => controller.Index))
            context.Faults.Try(() => AddBus(controller));
        Root.Reserve(IsExpress ? 0x1f : 1);
        if (context.Devices.Any(device => device.PciNeed == PciNeed.PrimaryVideo))
            Root.Reserve(PrimaryVideo().Slot);
    }

    /// <summary>Checks and takes the address that the definition gives a device.</summary>
    public void Claim(GuestDevice device)
    {
        PciAddress address = device.PciAddress!;
        XElement at = device.Element.Element("address") ?? device.Element;
        if (!_buses.TryGetValue(address.Bus, out PciBus? bus))
            throw XmlFault.Invalid(at, $"there is no PCI controller with index {address.Bus}");
        PciControllerModel model = bus.Controller.Model;
        if (address.Slot < model.FirstSlot || address.Slot > model.LastSlot)
            throw XmlFault.Invalid(
                at,
                $"the bus {address.Bus} of '{model.Name}' has slots {model.FirstSlot} to {model.LastSlot}, not {address.Slot}");
        if (device is PciController controller && controller.Index <= address.Bus)
            throw XmlFault.Invalid(
                at, $"the PCI controller {controller.Index} must be on a bus with a smaller index than its own");
        if (device.PciNeed == PciNeed.Root && !(address.Bus == 0 || model.Name == "pcie-root"))
            throw XmlFault.Invalid(at, $"a '{((PciController)device).Model.Name}' sits on bus 0");
        if ((device.PciNeed == PciNeed.SwitchDownstream) != (model.Accepts == PciNeed.SwitchDownstream))
            throw XmlFault.Invalid(at, "downstream switch ports, and only they, sit on an upstream switch port");
        if (address.Bus == 0 && device.PciNeed != PciNeed.Fixed && OnBoard.Contains((address.Slot, address.Function)))
            throw XmlFault.Invalid(at, $"the PCI address {address.Place} is taken by the machine's own chipset");
        if (bus[address.Slot, address.Function] is { } other)
            throw XmlFault.Invalid(
                at,
                $"the PCI address {address.Place} is taken by the <{other.Element.Name.LocalName}> at line {other.Element.Line()}");
        bus.Take(address, device);
    }

    /// <summary>Gives a device a place found free.</summary>
    public void Give(GuestDevice device, PciAddress address)
    {
        device.PciAddress = address;
        _buses[address.Bus].Take(address, device);
    }

    /// <summary>A free place on a bus that accepts this need and has an index below the bound; null when there is none.</summary>
    public PciAddress? Free(PciNeed need, int below)
    {
        foreach (PciBus bus in _buses.Values)
        {
            if (bus.Index < below && bus.Controller.Model.Accepts == need && bus.FreeSlot() is { } slot)
                return new PciAddress(bus.Index, slot, 0);
        }

        return null;
    }

    /// <summary>Where the first display goes.</summary>
    public PciAddress PrimaryVideo()
    {
        int slot = IsExpress ? 1 : 2;
        return Root[slot, 0] is null ? new PciAddress(0, slot, 0) : new PciAddress(0, Root.FreeSlot() ?? slot, 0);
    }

    /// <summary>A function on Q35's root bus; root ports share slots, eight to one.</summary>
    public PciAddress FreeRootFunction(GuestDevice device)
    {
        for (int slot = 1; slot <= 31 && device is PciController { Model.Name: "pcie-root-port" }; slot++)
        {
            if (Root[slot, 0] is not PciController { Model.Name: "pcie-root-port" } first
                || !(_added.Contains(first) || first.PciAddress!.Multifunction == true))
                continue;
            for (int function = 1; function < 8; function++)
            {
                if (Root[slot, function] is null)
                    return new PciAddress(0, slot, function);
            }
        }

        return Root.FreeSlot() is { } free
            ? new PciAddress(0, free, 0)
            : throw XmlFault.Invalid(device.Element, "no slot is free on PCI bus 0");
    }

    /// <summary>Adds a controller behind the last one.</summary>
    public PciController Add(string model)
    {
        int index = _buses.Keys.Max() + 1;
        if (index > LastBus)
            throw XmlFault.Invalid(context.General.Root, $"the devices need more than {LastBus} PCI buses");
        PciController controller = Imply(index, model);
        _added.Add(controller);
        AddBus(controller);
        return controller;
    }

    /// <summary>Adds bridges on i440FX until so many devices find a slot.</summary>
    public void MakeRoom(int devices)
    {
        while (devices > _buses.Values.Sum(bus => bus.FreeSlots()))
        {
            PciAddress place = Free(PciNeed.Conventional, int.MaxValue)
                ?? throw XmlFault.Invalid(context.General.Root, "no PCI slot is left for another bridge");
            Give(Add("pci-bridge"), place);
        }
    }

    /// <summary>Marks slots with several functions, and writes all addresses into the tree.</summary>
    public void WriteBack()
    {
        foreach (PciBus bus in _buses.Values)
        {
            for (int slot = 0; slot < 32; slot++)
            {
                if (bus[slot, 0] is { } first && first.PciAddress!.Multifunction is null && Enumerable.Range(1, 7).Any(f => bus[slot, f] is not null)
                    && first.PciNeed != PciNeed.Fixed)
                {
                    first.PciAddress = first.PciAddress with { Multifunction = true };
                }
            }
        }

        foreach (GuestDevice device in context.Devices.Where(device => device.PciAddress is not null))
        {
            device.PciAddress!.Write(device.Element);
            (device as PciController)?.Number();
        }
    }

    private PciController Imply(int index, string model)
    {
        context.Imply(new XElement(
            "controller", new XAttribute("type", "pci"), new XAttribute("index", index), new XAttribute("model", model)));
        return context.Of<PciController>().First(controller => controller.Index == index);
    }

    private void AddBus(PciController controller)
    {
        if (!_buses.TryAdd(controller.Index, new PciBus(controller)))
            throw XmlFault.Invalid(controller.Element, $"two PCI controllers have the index {controller.Index}");
    }
}
