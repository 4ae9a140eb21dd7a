using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Virt.PowerShell;

/// <summary>Devices of the host as people say them: <c>0000:01:00.0</c> on PCI, <c>046d:c077</c> or <c>1.4</c> on USB.</summary>
internal static partial class HostDeviceAddress
{
    private const string Forms = "Give a PCI address such as 0000:01:00.0, a USB device's vendor and product such as 046d:c077, or its bus and device such as 1.4.";

    public static void Write(XElement device, string text)
    {
        device.SetAttributeValue("mode", "subsystem");
        device.Elements("source").Remove();
        if (Pci().Match(text) is { Success: true } pci)
        {
            device.SetAttributeValue("type", "pci");
            if (device.Attribute("managed") is null)
                device.SetAttributeValue("managed", "yes");
            device.AddFirst(new XElement("source", new XElement(
                "address", Hex("domain", pci.Groups[1].Success ? pci.Groups[1].Value : "0000"), Hex("bus", pci.Groups[2].Value),
                Hex("slot", pci.Groups[3].Value), Hex("function", pci.Groups[4].Value))));
            return;
        }

        device.SetAttributeValue("type", "usb");
        if (UsbId().Match(text) is { Success: true } id)
        {
            device.AddFirst(new XElement(
                "source", new XElement("vendor", Hex("id", id.Groups[1].Value)), new XElement("product", Hex("id", id.Groups[2].Value))));
            return;
        }

        if (UsbPlace().Match(text) is not { Success: true } place)
            throw new FormatException($"'{text}' is not a device of the host. {Forms}");
        device.AddFirst(new XElement("source", new XElement(
            "address", new XAttribute("bus", Number(place.Groups[1])), new XAttribute("device", Number(place.Groups[2])))));
    }

    private static XAttribute Hex(string name, string digits) => new(name, "0x" + digits.ToLowerInvariant());

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("^(?:([0-9a-fA-F]{4}):)?([0-9a-fA-F]{2}):([0-9a-fA-F]{2})\\.([0-7])$", RegexOptions.CultureInvariant)]
    private static partial Regex Pci();

    [GeneratedRegex("^(?:0x)?([0-9a-fA-F]{4}):(?:0x)?([0-9a-fA-F]{4})$", RegexOptions.CultureInvariant)]
    private static partial Regex UsbId();

    [GeneratedRegex("^([0-9]{1,3})\\.([0-9]{1,3})$", RegexOptions.CultureInvariant)]
    private static partial Regex UsbPlace();
}
