using System.Xml.Linq;

namespace Virt.PowerShell;

/// <summary>Addresses of devices as people read them.</summary>
internal static class DeviceAddress
{
    public static string? InWords(XElement? address)
    {
        if (address is null)
            return null;
        string type = (string?)address.Attribute("type") ?? "";
        return type switch
        {
            "pci" when address.Attribute("bus") is not null =>
                $"pci {Hex(address, "domain", 4)}:{Hex(address, "bus", 2)}:{Hex(address, "slot", 2)}.{Hex(address, "function", 1)}",
            "drive" => $"drive {Part(address, "controller")}:{Part(address, "bus")}:{Part(address, "target")}:{Part(address, "unit")}",
            "usb" => $"usb {Part(address, "bus")}-{Part(address, "port")}",
            _ => string.Join(' ', address.Attributes().Select(attribute =>
                attribute.Name == "type" ? attribute.Value : $"{attribute.Name}={attribute.Value}")),
        };
    }

    private static string Part(XElement address, string name) => (string?)address.Attribute(name) ?? "0";

    private static string Hex(XElement address, string name, int digits)
    {
        string text = Part(address, name);
        return (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text).PadLeft(digits, '0');
    }
}
