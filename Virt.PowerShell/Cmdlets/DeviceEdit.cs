using System.Xml.Linq;

namespace Virt.PowerShell;

/// <summary>A change of a device's element, with the words for it.</summary>
/// <param name="Words">What is set, as <c>cache to none</c>.</param>
/// <param name="Change">Makes the change.</param>
internal sealed record DeviceEdit(string Words, Action<XElement> Change)
{
    /// <summary>Sets an attribute of a child, which is added where it is absent; null takes the attribute away.</summary>
    public static DeviceEdit Set(string words, string child, string attribute, object? value) => new(words, device =>
    {
        XElement? element = device.Element(child);
        if (element is null)
        {
            if (value is null)
                return;
            device.Add(element = new XElement(child));
        }

        element.SetAttributeValue(attribute, value);
    });

    /// <summary>Sets the text of a child.</summary>
    public static DeviceEdit Text(string words, string child, string value) => new(words, device => device.SetElementValue(child, value));

    /// <summary>Adds an empty child, or takes it away.</summary>
    public static DeviceEdit Flag(string words, string child, bool present) => new(words, device => device.SetElementValue(child, present ? "" : null));

    /// <summary>The device with all changes made.</summary>
    public static XElement Apply(XElement device, IEnumerable<DeviceEdit> edits)
    {
        var changed = new XElement(device);
        foreach (DeviceEdit edit in edits)
            edit.Change(changed);
        return changed;
    }
}
