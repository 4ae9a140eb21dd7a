using System.Xml.Linq;
using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Elements of devices that users give.</summary>
internal static class DeviceXml
{
    /// <summary>Reads one; whether it is right is for the host to say.</summary>
    /// <exception cref="VirtException">It is not well-formed, or no device.</exception>
    public static XElement Parse(DomainXml input)
    {
        XElement device = XElement.Parse(XmlText.ToDocument(input.File is { } file ? File.ReadAllText(file) : input.Text!, "the XML").OuterXml);
        return DeviceTypes.All.Contains(device.Name.ToString())
            ? device
            : throw new VirtException(
                VirtErrorCode.XmlError, $"<{device.Name.LocalName}> is not a device", device.Name.LocalName,
                "Give one element as it stands under <devices>: <disk>, <interface>, <rng>, ...");
    }

    /// <summary>The device that the element means: that with its alias, its target or its address; else those of its type.</summary>
    public static IEnumerable<VirtDevice> Same(VirtDomain domain, XElement element, IReadOnlyList<VirtDevice> devices)
    {
        VirtDevice[] ofType = [.. devices.Where(device => device.Type == element.Name.LocalName)];
        VirtDevice[] equal = [.. ofType.Where(device => device.Xml == element.ToString() || XNode.DeepEquals(device.Element, element))];
        if (equal.Length > 0)
            return equal;
        VirtDevice said = DeviceCommand.Wrap(
            domain, new DeviceRecord(element.Name.LocalName, element.ToString(), null, ChangeScope.Config, null, []));
        return said.Key is { } key ? ofType.Where(device => device.Key == key || device.Alias == said.Alias) : ofType;
    }

    /// <summary>Type and model, for sentences.</summary>
    public static string InWords(XElement device)
    {
        string? model = (string?)device.Attribute("model") ?? (string?)device.Element("model")?.Attribute("type") ?? (string?)device.Attribute("type");
        return model is null ? device.Name.LocalName : $"{device.Name.LocalName} ({model})";
    }
}
