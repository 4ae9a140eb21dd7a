using System.Xml;
using System.Xml.Linq;
using Virt.Errors;

namespace Virt.Domains.Definition;

/// <summary>The element of one device, as calls that change a device take and give it.</summary>
internal static class DeviceElement
{
    private const string UserAliasPrefix = "ua-";

    /// <summary>Reads a device.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.XmlDetail"/> or <see cref="VirtErrorCode.XmlError"/>.</exception>
    public static XElement Parse(string xml)
    {
        XElement element = SafeXml.ParseFragment(xml);
        return DeviceOrder.IsDevice(element)
            ? element
            : throw XmlFault.Invalid(
                element, "it is not a device", "Give one element as it stands under <devices>: <disk>, <interface>, <controller>, ...");
    }

    /// <summary>The text of an element without passwords, indented by two spaces.</summary>
    public static string ToXml(XElement device)
    {
        var shown = new XElement(device);
        DefinitionSecrets.Remove(shown);
        return SafeXml.Write(shown);
    }

    /// <summary>The alias in the element, or null.</summary>
    public static string? Alias(XElement device) => (string?)device.Element("alias")?.Attribute("name");

    /// <summary>The alias that the definition's author gave, or null; the definition of the next start has no other.</summary>
    public static string? UserAlias(XElement device) =>
        Alias(device) is { } alias && alias.StartsWith(UserAliasPrefix, StringComparison.Ordinal) ? alias : null;

    /// <summary>How messages call a device: its kind and what tells it from others of its kind.</summary>
    public static string Describe(XElement device)
    {
        string kind = device.Name.LocalName;
        string? name = kind switch
        {
            "disk" or "filesystem" => Attribute(device, "target", kind == "disk" ? "dev" : "dir"),
            "interface" => Attribute(device, "mac", "address"),
            "controller" => $"{(string?)device.Attribute("type")} {(string?)device.Attribute("index")}".Trim(),
            "channel" => Attribute(device, "target", "name"),
            _ => null,
        };
        return (name ?? Alias(device)) is { Length: > 0 } shown ? $"{kind} '{shown}'" : kind;
    }

    /// <summary>An attribute of a child; null when either is not there or empty.</summary>
    public static string? Attribute(XElement device, string child, string attribute) =>
        (string?)device.Element(child)?.Attribute(attribute) is { Length: > 0 } value ? value : null;
}
