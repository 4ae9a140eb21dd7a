using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Addresses;

/// <summary>
/// Gives every PCI device its place, as libvirt does: what the definition says stands, the rest is allotted around it and
/// written back, so that a guest finds its devices where they were. On Q35 devices go behind root ports (which take hotplug)
/// and conventional ones behind a bridge; on i440FX into the slots of the one bus. A first plan finds which controllers the
/// devices imply, a second one gives the places.
/// </summary>
internal sealed class PciAssignment
{
    /// <summary>Root ports left free on a new Q35 guest, for devices added while it runs; libvirt leaves one.</summary>
    private const int SparePorts = 2;

    private readonly GuestContext _context;
    private readonly Dictionary<GuestDevice, PciAddress> _given = [];
    private readonly HashSet<GuestDevice> _implied = [];

    private PciAssignment(GuestContext context) => _context = context;

    private IEnumerable<GuestDevice> OnPci => _context.Devices.Where(device => device.PciNeed is not PciNeed.None);

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
        foreach (GuestDevice device in OnPci)
        {
            _context.Faults.Try(() =>
            {
                if ((device.PciAddress ?? PciAddress.Read(device.Element)) is { } address)
                    _given[device] = address;
            });
        }

        _context.Faults.Throw();
        AddControllers();
        PciPlan plan = Fill(new PciPlan(_context, growing: false));
        foreach ((GuestDevice device, PciAddress address) in plan.Places)
            device.PciAddress = address;
        WriteBack();
    }

    /// <summary>Adds the controllers that the devices imply, and the ports left free on a new Q35 guest.</summary>
    private void AddControllers()
    {
        int last = _context.Of<PciController>().Select(controller => controller.Index).DefaultIfEmpty(-1).Max();
        if (_context.Of<PciController>().All(controller => controller.Index > 0))
            Imply(0, _context.MachineKind == MachineKind.Q35 ? "pcie-root" : "pci-root");
        PciPlan plan = Claim(new PciPlan(_context, growing: true));
        PciChipset.Place(plan, _context);
        if (!plan.IsExpress && plan.Buses.Any(bus => bus.HasFreeSlot))
            plan.PlaceFuture(new PciRequest(PciConnect.Conventional));
        PlaceRest(plan);
        if (plan.IsExpress && last <= 0 && plan.Buses.Count > 1)
        {
            for (int spare = 0; spare < SparePorts; spare++)
                plan.PlaceFuture(new PciRequest(PciConnect.Express));
        }

        HashSet<int> known = [.. _context.Of<PciController>().Select(controller => controller.Index)];
        for (int index = 1; index < plan.Buses.Count; index++)
        {
            if (!known.Contains(index))
                plan.Place(Imply(index, plan.Buses[index].Model.Name));
        }
    }

    private PciPlan Fill(PciPlan plan)
    {
        Claim(plan);
        PciChipset.Place(plan, _context);
        PlaceRest(plan);
        return plan;
    }

    private PciPlan Claim(PciPlan plan)
    {
        foreach (GuestDevice device in OnPci)
        {
            if (_given.TryGetValue(device, out PciAddress? address))
                _context.Faults.Try(() => plan.Claim(device, address));
        }

        _context.Faults.Throw();
        return plan;
    }

    private void PlaceRest(PciPlan plan)
    {
        foreach (GuestDevice device in OnPci.Where(device => !plan.Places.ContainsKey(device)).OrderBy(Rank).ToArray())
            _context.Faults.Try(() => PlaceOne(plan, device));
        _context.Faults.Throw();
    }

    private void PlaceOne(PciPlan plan, GuestDevice device)
    {
        if (device is UsbController { GroupFunction: { } function } usb && GroupPlace(plan, usb) is { } slot)
            plan.Claim(device, new PciAddress(slot.Bus, slot.Slot, function, function == 0 ? true : null));
        else
            plan.Place(device);
    }

    /// <summary>The elements of one ICH9 USB controller share a slot.</summary>
    private PciAddress? GroupPlace(PciPlan plan, UsbController usb) => _context.Of<UsbController>()
        .Where(other => other.Index == usb.Index && other.GroupFunction is not null)
        .Select(plan.Places.GetValueOrDefault).FirstOrDefault(address => address is not null);

    /// <summary>The order in which libvirt gives places.</summary>
    private int Rank(GuestDevice device) => device.Element.Name.LocalName switch
    {
        _ when device is PciController controller => controller.Index - (_implied.Contains(device) ? 1000 : 2000),
        "filesystem" => 0,
        "interface" => 1,
        "sound" => 2,
        "controller" => 3,
        "disk" => 4,
        "hostdev" => 5,
        "memballoon" => 6,
        "rng" => 7,
        "watchdog" => 8,
        "video" => 9,
        "shmem" => 10,
        "input" => 11,
        "serial" => 12,
        "iommu" => 13,
        "vsock" => 14,
        "memory" => 15,
        _ => 16,
    };

    private void WriteBack()
    {
        foreach (IGrouping<(int, int), GuestDevice> slot in OnPci.GroupBy(device => (device.PciAddress!.Bus, device.PciAddress.Slot)))
        {
            if (slot.Count() > 1 && slot.FirstOrDefault(device => device.PciAddress!.Function == 0) is { } first
                && first.PciAddress!.Multifunction is null && first.PciNeed != PciNeed.Fixed)
            {
                first.PciAddress = first.PciAddress with { Multifunction = true };
            }
        }

        foreach (GuestDevice device in OnPci)
            device.PciAddress!.Write(device.Element);
        foreach (PciController controller in _context.Of<PciController>())
            _context.Faults.Try(controller.Number);
    }

    private PciController Imply(int index, string model)
    {
        _context.Imply(new XElement(
            "controller", new XAttribute("type", "pci"), new XAttribute("index", index), new XAttribute("model", model)));
        _context.Faults.Throw();
        PciController added = _context.Of<PciController>().First(controller => controller.Index == index);
        _implied.Add(added);
        return added;
    }
}
