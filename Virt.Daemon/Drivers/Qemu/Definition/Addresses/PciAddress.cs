using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Addresses;

/// <summary>A place on PCI: libvirt's <c>address type='pci'</c>. The bus is the index of a controller of type pci.</summary>
/// <param name="Bus">The index of the controller whose bus it is on.</param>
/// <param name="Slot">The device number, 0 to 31.</param>
/// <param name="Function">The function, 0 to 7.</param>
/// <param name="Multifunction">Whether other functions share the slot; null when not said.</param>
internal sealed record PciAddress(int Bus, int Slot, int Function, bool? Multifunction = null)
{
    /// <summary>The slot and function as errors write them.</summary>
    public string Place => string.Create(CultureInfo.InvariantCulture, $"0000:{Bus:x2}:{Slot:x2}.{Function}");

    /// <summary>Reads the address of a device on PCI; null when it has none that says where.</summary>
    public static PciAddress? Read(XElement device)
    {
        if (device.Element("address") is not { } address)
            return null;
        if (device.Elements("address").Skip(1).FirstOrDefault() is { } second)
            throw XmlFault.Invalid(second, "a device has one address");
        if (address.Required("type") is var type && type != "pci")
            throw XmlFault.Invalid(address, $"the device is on PCI, where an address of type '{type}' leads to nothing");
        if (address.Attribute("bus") is null && address.Attribute("slot") is null)
            return null;
        if (address.Integer("domain", 0, 0xffff) is > 0)
            throw XmlFault.Unsupported(address.Attribute("domain")!, "QEMU's x86 machines have only PCI domain 0");
        return new PciAddress(
            address.Integer("bus", 0, 255) ?? 0, address.Integer("slot", 0, 31) ?? 0, address.Integer("function", 0, 7) ?? 0,
            address.Flag("multifunction"));
    }

    /// <summary>The address of a device that the machine has on board: the definition may repeat it, not change it.</summary>
    public static PciAddress ReadFixed(XElement device, PciAddress onBoard)
    {
        if (Read(device) is { } given && (given.Bus, given.Slot, given.Function) != (onBoard.Bus, onBoard.Slot, onBoard.Function))
            throw XmlFault.Invalid(
                device.Element("address")!, $"the machine has it on board at {onBoard.Place}, not at {given.Place}");
        return onBoard;
    }

    /// <summary>Writes the address into the device's element.</summary>
    public void Write(XElement device)
    {
        XElement address = device.Element("address") is { } found && found.Text("type") == "pci"
            ? found
            : new XElement("address");
        if (address.Parent is null)
            device.Add(address);
        address.SetAttributeValue("type", "pci");
        address.SetAttributeValue("domain", "0x0000");
        address.SetAttributeValue("bus", Hexadecimal(Bus, 2));
        address.SetAttributeValue("slot", Hexadecimal(Slot, 2));
        address.SetAttributeValue("function", Hexadecimal(Function, 1));
        address.SetAttributeValue("multifunction", Multifunction is { } on ? on ? "on" : "off" : null);
    }

    private static string Hexadecimal(int value, int digits) => "0x" + value.ToString("x" + digits, CultureInfo.InvariantCulture);
}

/// <summary>Writes PCI addresses into devices.</summary>
internal static class PciAddressJson
{
    /// <summary>Adds bus and addr; nothing for a device elsewhere.</summary>
    public static JsonObject OnPci(this JsonObject device, PciAddress? address, GuestContext context)
    {
        if (address is null)
            return device;
        string bus = context.Of<PciController>().First(controller => controller.Index == address.Bus).Bus();
        string place = string.Create(CultureInfo.InvariantCulture, $"0x{address.Slot:x}") +
            (address.Function > 0 ? string.Create(CultureInfo.InvariantCulture, $".0x{address.Function:x}") : "");
        return device.With("bus", bus).With("multifunction", address.Multifunction).With("addr", place);
    }
}
