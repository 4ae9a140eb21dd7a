using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Addresses;

/// <summary>A port of a virtio-serial controller: libvirt's <c>address type='virtio-serial'</c>.</summary>
/// <param name="Controller">The controller's index.</param>
/// <param name="Port">The port.</param>
internal sealed record VirtioSerialPort(int Controller, int Port)
{
    /// <summary>Reads the address; null when the device has none. Port 0 of a channel means any.</summary>
    public static VirtioSerialPort? Read(XElement device)
    {
        if (device.Element("address") is not { } address || address.Text("type") != "virtio-serial"
            || address.Attribute("port") is null)
            return null;
        if (address.Integer("bus", 0, 31) is > 0)
            throw XmlFault.Invalid(address.Attribute("bus")!, "a virtio-serial controller has only bus 0");
        return new VirtioSerialPort(address.Integer("controller", 0, 255) ?? 0, address.Integer("port", 0, 511) ?? 0);
    }

    /// <summary>Writes the address into the device's element.</summary>
    public void Write(XElement device)
    {
        XElement address = device.GetOrAdd("address");
        address.SetAttributeValue("type", "virtio-serial");
        address.SetAttributeValue("controller", Controller);
        address.SetAttributeValue("bus", 0);
        address.SetAttributeValue("port", Port);
    }
}

/// <summary>A device on a virtio-serial controller when <see cref="IsOnVirtioSerial"/> says so.</summary>
internal interface IVirtioSerialDevice
{
    /// <summary>Whether it is on virtio-serial.</summary>
    bool IsOnVirtioSerial { get; }

    /// <summary>The first port it may have: port 0 is for consoles.</summary>
    int FirstPort { get; }

    /// <summary>Its port.</summary>
    VirtioSerialPort? VirtioSerialPort { get; set; }
}

/// <summary>Gives channels and virtio consoles their ports and the controllers they need.</summary>
internal static class VirtioSerialAssignment
{
    /// <summary>Assigns all ports.</summary>
    public static void Run(GuestContext context)
    {
        var taken = new HashSet<VirtioSerialPort>();
        foreach (GuestDevice device in context.Devices.Where(device => device is IVirtioSerialDevice { IsOnVirtioSerial: true })
            .OrderBy(device => device.Element.Element("address")?.Attribute("port") is null).ToArray())
        {
            context.Faults.Try(() =>
            {
                var user = (IVirtioSerialDevice)device;
                VirtioSerialPort? given = VirtioSerialPort.Read(device.Element);
                VirtioSerialPort port = given is null || given.Port < user.FirstPort
                    ? FirstFree(context, given?.Controller ?? 0, user.FirstPort, taken)
                    : given;
                VirtioSerialController controller = Controller(context, port.Controller)!;
                if (port.Port >= controller.Ports || !taken.Add(port))
                    throw XmlFault.Invalid(
                        device.Element.Element("address") ?? device.Element,
                        $"the virtio-serial port {port.Port} of controller {port.Controller} is taken, or not there");
                port.Write(device.Element);
                user.VirtioSerialPort = port;
            });
        }
    }

    /// <summary>Adds bus and port.</summary>
    public static JsonObject OnVirtioSerial(this JsonObject device, VirtioSerialPort? port, GuestContext context) => port is null
        ? device
        : device.With("bus", context.Of<VirtioSerialController>().First(controller => controller.Index == port.Controller).Bus())
            .With("nr", port.Port);

    private static VirtioSerialPort FirstFree(GuestContext context, int from, int first, HashSet<VirtioSerialPort> taken)
    {
        for (int index = from; ; index++)
        {
            int ports = Controller(context, index)!.Ports;
            for (int port = first; port < ports; port++)
            {
                if (!taken.Contains(new VirtioSerialPort(index, port)))
                    return new VirtioSerialPort(index, port);
            }
        }
    }

    /// <summary>The controller, added when the definition has none with the index.</summary>
    private static VirtioSerialController? Controller(GuestContext context, int index)
    {
        VirtioSerialController? Find() =>
            context.Of<VirtioSerialController>().FirstOrDefault(controller => controller.Index == index);
        if (Find() is { } found)
            return found;
        context.Imply(new XElement("controller", new XAttribute("type", "virtio-serial"), new XAttribute("index", index)));
        return Find() ?? throw XmlFault.Unsupported(context.General.Root, $"there is no virtio-serial controller {index}");
    }
}
