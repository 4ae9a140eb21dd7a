using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Addresses;

/// <summary>Gives USB devices their ports as libvirt does: given ones first, then hubs, then the rest. When the ports are too
/// few, hubs are added.</summary>
internal sealed class UsbAssignment
{
    private readonly GuestContext _context;
    private readonly SortedDictionary<int, UsbHubPorts> _buses = [];

    private UsbAssignment(GuestContext context) => _context = context;

    private IEnumerable<GuestDevice> OnUsb => _context.Devices.Where(device => device is IUsbDevice { IsOnUsb: true });

    /// <summary>Assigns all ports.</summary>
    public static void Run(GuestContext context) => new UsbAssignment(context).Assign();

    private void Assign()
    {
        if (OnUsb.FirstOrDefault() is { } first && _context.Of<UsbController>().All(controller => controller.IsNone))
            throw XmlFault.Unsupported(
                first.Element, "the guest has no USB controller", "Add a controller type='usb' model='qemu-xhci'.");
        AddHubs();
        foreach (UsbController controller in _context.Of<UsbController>().Where(controller => controller is { IsCompanion: false, IsNone: false }))
            _buses[controller.Index] = new UsbHubPorts(controller.Ports);
        foreach (GuestDevice hub in Given().Where(device => device is HubDevice).OrderBy(hub => UsbPort.Read(hub.Element)!.Path.Count).ToArray())
            _context.Faults.Try(() => Take(hub, UsbPort.Read(hub.Element)!));
        foreach (GuestDevice device in Given().Where(device => device is not HubDevice).ToArray())
            _context.Faults.Try(() => Take(device, UsbPort.Read(device.Element)!));
        foreach (GuestDevice device in OnUsb.OrderBy(device => device is not HubDevice).Where(device => UsbPort.Read(device.Element) is null).ToArray())
            _context.Faults.Try(() => Take(device, Free(device.Element)));
    }

    private IEnumerable<GuestDevice> Given() => OnUsb.Where(
        device => _context.Faults.Try(() => UsbPort.Read(device.Element)) is not null);

    private void AddHubs()
    {
        int devices = OnUsb.Count();
        int ports = _context.Of<UsbController>().Where(controller => !controller.IsCompanion).Sum(controller => controller.Ports)
            + (_context.Of<HubDevice>().Count() * HubDevice.Ports);
        int hubs = devices > ports ? (devices - ports + HubDevice.Ports - 1) / (HubDevice.Ports - 1) : 0;
        for (int added = 0; added < hubs; added++)
            _context.Imply(new XElement("hub", new XAttribute("type", "usb")));
    }

    private void Take(GuestDevice device, UsbPort port)
    {
        XElement at = device.Element.Element("address") ?? device.Element;
        if (!_buses.TryGetValue(port.Bus, out UsbHubPorts? bus))
            throw XmlFault.Invalid(at, $"there is no usb controller with index {port.Bus}");
        if (bus.Take(port.Path, device is HubDevice ? new UsbHubPorts(HubDevice.Ports) : null) is { } reason)
            throw XmlFault.Invalid(at, $"the USB port {port.Port} of bus {port.Bus} cannot be had: {reason}");
        port.Write(device.Element);
        ((IUsbDevice)device).UsbPort = port;
    }

    private UsbPort Free(XElement device)
    {
        int? wanted = UsbPort.ReadBus(device);
        foreach ((int index, UsbHubPorts bus) in _buses)
        {
            if ((wanted is null || wanted == index) && bus.Free() is { } port)
                return new UsbPort(index, port);
        }

        if (wanted is { } missing && !_buses.ContainsKey(missing))
            throw XmlFault.Invalid(device.Element("address")!, $"there is no usb controller with index {missing}");
        throw XmlFault.Unsupported(
            device, "no USB port is free for it", "Add a USB controller of model 'qemu-xhci' with ports='15'.");
    }
}
