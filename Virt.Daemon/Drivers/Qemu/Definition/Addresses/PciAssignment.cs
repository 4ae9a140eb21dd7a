using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Addresses;

/// <summary>
/// Gives every PCI device its place, as libvirt does: what the definition says stands, the rest is allotted around it and
/// written back, so that a guest finds its devices where they were. On Q35 devices go behind root ports (which take hotplug)
/// and conventional ones behind a bridge; on i440FX into the slots of the one bus.
/// </summary>
internal sealed class PciAssignment
{
    /// <summary>Root ports left free on a new Q35 guest, for devices added while it runs.</summary>
    private const int SparePorts = 2;

    private readonly GuestContext _context;
    private readonly PciTopology _topology;

    private PciAssignment(GuestContext context)
    {
        _context = context;
        _topology = new PciTopology(context);
    }

    private bool IsExpress => _context.MachineKind == MachineKind.Q35;

    /// <summary>Assigns all addresses.</summary>
    public static void Run(GuestContext context)
    {
        if (context.MachineKind != MachineKind.Isa)
        {
            new PciAssignment(context).Assign();
            return;
        }

        foreach (GuestDevice device in context.Devices.Where(device => device.PciNeed != PciNeed.None))
            context.Faults.Try(() => throw XmlFault.Unsupported(
                device.Element, $"it needs PCI, which the machine '{context.Machine.Name}' has not"));
    }

    private void Assign()
    {
        bool planned = _context.Of<PciController>().Any(controller => controller.Model.Name == "pcie-root-port");
        _topology.Complete();
        foreach (GuestDevice device in OnPci().Where(device => device.PciAddress is not null).ToArray())
            _context.Faults.Try(() => _topology.Claim(device));
        foreach (GuestDevice device in Missing())
            _context.Faults.Try(() => Place(device));
        if (IsExpress && !planned)
            AddSparePorts();
        _topology.WriteBack();
    }

    private IEnumerable<GuestDevice> OnPci() => _context.Devices.Where(device => device.PciNeed is not PciNeed.None);

    /// <summary>Those without a place: the tree first, by index, then the first display, then the rest in the order of
    /// kinds.</summary>
    private GuestDevice[] Missing()
    {
        GuestDevice[] missing = [.. OnPci().Where(device => device.PciAddress is null).OrderBy(Rank)];
        if (!IsExpress)
            _topology.MakeRoom(missing.Length);
        return missing;
    }

    private static int Rank(GuestDevice device) => device switch
    {
        PciController controller => controller.Index - 10_000,
        { PciNeed: PciNeed.PrimaryVideo } => -1,
        ControllerDevice => 0,
        InterfaceDevice => 1,
        DiskDevice => 2,
        BalloonDevice => 4,
        RngDevice => 5,
        VideoDevice => 6,
        _ => 3,
    };

    private void Place(GuestDevice device)
    {
        PciAddress address = device.PciNeed switch
        {
            PciNeed.PrimaryVideo => _topology.PrimaryVideo(),
            _ when device is UsbController { GroupFunction: { } function } usb => PlaceInGroup(usb, function),
            PciNeed.Root => _topology.FreeRootFunction(device),
            PciNeed.SwitchDownstream => _topology.Free(PciNeed.SwitchDownstream, Bound(device))
                ?? throw XmlFault.Invalid(device.Element, "no upstream switch port has a free place"),
            PciNeed.Express when IsExpress => _topology.Free(PciNeed.Express, Bound(device)) ?? NewPort(device),
            _ => _topology.Free(PciNeed.Conventional, Bound(device)) ?? NewBridge(device),
        };
        _topology.Give(device, address);
    }

    /// <summary>The elements of one ICH9 USB controller share a slot.</summary>
    private PciAddress PlaceInGroup(UsbController usb, int function)
    {
        PciAddress slot = _context.Of<UsbController>()
                .Where(other => other.Index == usb.Index && other.GroupFunction is not null).Select(other => other.PciAddress)
                .FirstOrDefault(address => address is not null)
            ?? _topology.Free(PciNeed.Conventional, int.MaxValue) ?? NewBridge(usb);
        return new PciAddress(slot.Bus, slot.Slot, function, function == 0 ? true : null);
    }

    /// <summary>A PCI controller sits on a bus with a smaller index than its own, so that QEMU has made the bus by
    /// then.</summary>
    private static int Bound(GuestDevice device) => device is PciController controller ? controller.Index : int.MaxValue;

    private PciAddress NewPort(GuestDevice needed)
    {
        CheckBound(needed);
        PciController port = _topology.Add("pcie-root-port");
        _topology.Give(port, _topology.FreeRootFunction(port));
        return new PciAddress(port.Index, 0, 0);
    }

    private PciAddress NewBridge(GuestDevice needed)
    {
        CheckBound(needed);
        if (!IsExpress)
            throw XmlFault.Invalid(needed.Element, "no PCI slot is free for it");
        PciAddress place = _topology.Free(PciNeed.Express, int.MaxValue) ?? NewPort(needed);
        PciController bridge = _topology.Add("pcie-to-pci-bridge");
        _topology.Give(bridge, place);
        return new PciAddress(bridge.Index, bridge.Model.FirstSlot, 0);
    }

    private static void CheckBound(GuestDevice needed)
    {
        if (needed is PciController controller)
        {
            throw XmlFault.Invalid(
                controller.Element, $"no PCI bus with an index below {controller.Index} has a place for it",
                "Give it an address, or add a port with a smaller index.");
        }
    }

    private void AddSparePorts()
    {
        for (int spare = 0; spare < SparePorts; spare++)
        {
            PciController port = _topology.Add("pcie-root-port");
            _topology.Give(port, _topology.FreeRootFunction(port));
        }
    }
}
