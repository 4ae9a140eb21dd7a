using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Addresses;

/// <summary>A place on USB: libvirt's <c>address type='usb'</c>.</summary>
/// <param name="Bus">The index of the USB controller.</param>
/// <param name="Port">The port, as <c>1</c>, or <c>1.2</c> behind a hub.</param>
internal sealed record UsbPort(int Bus, string Port)
{
    /// <summary>How many hubs, with the controller, are one behind the other at most.</summary>
    public const int MaximumDepth = 4;

    private const int MaximumLength = 32;

    /// <summary>The numbers of the ports on the way, from the controller on.</summary>
    public IReadOnlyList<int> Path => [.. Port.Split('.').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];

    /// <summary>The port the definition gives the device; null when none is given.</summary>
    public static UsbPort? Read(XElement device)
    {
        if (device.Element("address") is not { } address || address.Text("type") != "usb"
            || address.Attribute("port") is not { } port)
            return null;
        string[] numbers = port.Value.Length <= MaximumLength ? port.Value.Split('.') : [];
        if (numbers.Length is 0 or > MaximumDepth
            || !numbers.All(number => byte.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out byte n) && n > 0))
            throw XmlFault.Invalid(port, $"'{port.Value}' is not a USB port");
        return new UsbPort(address.Integer("bus", 0, 255) ?? 0, port.Value);
    }

    /// <summary>The bus the definition asks for, whether or not it gives a port; null when any will do.</summary>
    public static int? ReadBus(XElement device)
    {
        if (device.Element("address") is not { } address)
            return null;
        return address.Text("type") == "usb"
            ? address.Integer("bus", 0, 255)
            : throw XmlFault.Invalid(address, $"a device on USB has an address of type 'usb', not '{address.Text("type")}'");
    }

    /// <summary>Writes the address into the device's element.</summary>
    public void Write(XElement device)
    {
        XElement address = device.GetOrAdd("address");
        address.SetAttributeValue("type", "usb");
        address.SetAttributeValue("bus", Bus);
        address.SetAttributeValue("port", Port);
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

/// <summary>Writes USB addresses into devices.</summary>
internal static class UsbPortJson
{
    /// <summary>Adds bus and port to a device on USB.</summary>
    public static JsonObject OnUsb(this JsonObject device, UsbPort? port, GuestContext context) => port is null
        ? device
        : device.With("bus", context.Of<UsbController>().First(controller => controller.Index == port.Bus && !controller.IsCompanion).Bus())
            .With("port", port.Port);
}
