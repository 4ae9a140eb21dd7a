using System.Xml.Linq;
using System.Text.Json.Nodes;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Addresses;

/// <summary>A place on USB: libvirt's <c>address type='usb'</c>.</summary>
/// <param name="Bus">The index of the USB controller.</param>
/// <param name="Port">The port, as <c>1</c>, or <c>1.2</c> behind a hub.</param>
internal sealed record UsbPort(int Bus, string Port)
{
    private const int MaximumLength = 32;

    /// <summary>The port the definition gives the device; null when none is given.</summary>
    public static UsbPort? Read(XElement device)
    {
        if (device.Element("address") is not { } address || address.Text("type") != "usb"
            || address.Attribute("port") is not { } port)
            return null;
        string[] numbers = port.Value.Length <= MaximumLength ? port.Value.Split('.') : [];
        if (numbers.Length is 0 or > 4 || !numbers.All(number => byte.TryParse(number, out byte n) && n > 0))
            throw XmlFault.Invalid(port, $"'{port.Value}' is not a USB port");
        return new UsbPort(address.Integer("bus", 0, 255) ?? 0, port.Value);
    }

    /// <summary>The port of a device: the given one, else the first free one, which is written back.</summary>
    public static UsbPort Assign(GuestDevice device, GuestContext context, IReadOnlySet<UsbPort> taken)
    {
        UsbPort port = Read(device.Element) ?? FirstFree(device.Element, context, taken);
        if (taken.Contains(port))
            throw XmlFault.Invalid(device.Element.Element("address")!, $"the USB port {port.Port} of bus {port.Bus} is taken");
        XElement address = device.Element.GetOrAdd("address");
        address.SetAttributeValue("type", "usb");
        address.SetAttributeValue("bus", port.Bus);
        address.SetAttributeValue("port", port.Port);
        return port;
    }

    private static UsbPort FirstFree(XElement element, GuestContext context, IReadOnlySet<UsbPort> taken)
    {
        foreach (UsbController controller in context.Of<UsbController>().Where(controller => !controller.IsCompanion).OrderBy(controller => controller.Index))
        {
            for (int number = 1; number <= controller.Ports; number++)
            {
                var port = new UsbPort(controller.Index, number.ToString(System.Globalization.CultureInfo.InvariantCulture));
                if (!taken.Contains(port))
                    return port;
            }
        }

        throw XmlFault.Unsupported(
            element, context.Of<UsbController>().All(controller => controller.IsNone) ? "the guest has no USB controller" : "no USB port is free for it",
            "Add a USB controller of model 'qemu-xhci' with ports='15'.");
    }
}

/// <summary>A device that plugs into USB when <see cref="IsOnUsb"/> says so; it then gets a port.</summary>
internal interface IUsbDevice
{
    /// <summary>Whether it is on USB.</summary>
    bool IsOnUsb { get; }

    /// <summary>Its port.</summary>
    UsbPort? UsbPort { get; set; }
}

/// <summary>Gives USB devices their ports, those first whose port the definition gives.</summary>
internal static class UsbAssignment
{
    /// <summary>Assigns all ports.</summary>
    public static void Run(GuestContext context)
    {
        var taken = new HashSet<UsbPort>();
        foreach (GuestDevice device in context.Devices.Where(device => device is IUsbDevice { IsOnUsb: true })
            .OrderBy(device => device.Element.Element("address")?.Attribute("port") is null).ToArray())
        {
            context.Faults.Try(() =>
            {
                UsbPort port = UsbPort.Assign(device, context, taken);
                if (!context.Of<UsbController>().Any(controller => controller.Index == port.Bus && !controller.IsNone))
                    throw XmlFault.Invalid(
                        device.Element.Element("address")!, $"there is no usb controller with index {port.Bus}");
                taken.Add(port);
                ((IUsbDevice)device).UsbPort = port;
            });
        }
    }

    /// <summary>Adds bus and port to a device on USB.</summary>
    public static JsonObject OnUsb(this JsonObject device, UsbPort? port, GuestContext context) => port is null
        ? device
        : device.With("bus", context.Of<UsbController>().First(controller => controller.Index == port.Bus).Bus())
            .With("port", port.Port);
}
