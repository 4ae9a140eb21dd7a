using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>What tells a device from others of its kind, as a text that two devices share when they are the same one.</summary>
internal static class DeviceIdentity
{
    private static readonly string[] Singles = ["memballoon", "tpm", "vsock", "iommu", "nvram"];

    private static readonly string[] PlaceAttributes =
        ["type", "domain", "bus", "slot", "function", "controller", "target", "unit", "port", "iobase", "irq", "base"];

    /// <summary>The name that only one device of a domain may have, as a disk's target; null where the kind has none.</summary>
    public static string? UniqueName(XElement device) => device.Name.LocalName switch
    {
        "disk" => Join(device, DeviceElement.Attribute(device, "target", "dev")),
        "filesystem" => Join(device, DeviceElement.Attribute(device, "target", "dir")),
        "controller" => Join(device, (string?)device.Attribute("type"), (string?)device.Attribute("index")),
        "channel" => Join(device, DeviceElement.Attribute(device, "target", "name")),
        var kind when Singles.Contains(kind) => kind,
        _ => null,
    };

    /// <summary>The name by which calls tell the device; a <see cref="UniqueName"/>, or one that others may share by mistake.</summary>
    public static string? Name(XElement device) => UniqueName(device) ?? device.Name.LocalName switch
    {
        "interface" => Join(device, DeviceElement.Attribute(device, "mac", "address")?.ToUpperInvariant()),
        "graphics" => Join(device, (string?)device.Attribute("type")),
        "serial" or "parallel" or "console" when DeviceElement.Attribute(device, "target", "port") is { } port =>
            Join(device, DeviceElement.Attribute(device, "target", "type") ?? "default", port),
        _ => null,
    };

    /// <summary>Where the device sits in the guest; null when the element does not say.</summary>
    public static string? Place(XElement device)
    {
        if (device.Element("address") is not { } address || address.Attribute("type") is null)
            return null;
        string[] parts =
        [
            .. PlaceAttributes.Where(name => address.Attribute(name) is not null)
                .Select(name => $"{name}={DeviceValue.Normal((string)address.Attribute(name)!)}"),
        ];
        return parts.Length > 1 ? $"{device.Name.LocalName}@{string.Join(' ', parts)}" : null;
    }

    /// <summary>All that the element says but alias and place.</summary>
    public static string Content(XElement device)
    {
        var content = new XElement(device);
        content.Elements("alias").Remove();
        content.Elements("address").Remove();
        return SafeXml.Write(content, indented: false);
    }

    private static string? Join(XElement device, params ReadOnlySpan<string?> parts)
    {
        foreach (string? part in parts)
        {
            if (part is null)
                return null;
        }

        return $"{device.Name.LocalName} {string.Join(' ', parts!)}";
    }
}
