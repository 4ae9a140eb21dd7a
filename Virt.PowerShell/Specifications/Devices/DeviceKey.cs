using System.Globalization;
using System.Xml.Linq;
using Virt.Domains.Definition;

namespace Virt.PowerShell;

/// <summary>A property of a device as people say it, and how it gets into the element.</summary>
/// <param name="Name">Its name in a hashtable.</param>
/// <param name="Write">Reads the property and writes it; nothing where it is not given.</param>
internal sealed record DeviceKey(string Name, Action<SpecTable, XElement> Write)
{
    private const long KiB = 1024;

    /// <summary>Text, put into an attribute (<c>@model</c>, <c>target/@name</c>) or an element (<c>source/path</c>).</summary>
    public static DeviceKey Text(string name, string path) => new(name, (table, device) => Put(device, path, table.Text(name)));

    /// <summary>One of a few words.</summary>
    public static DeviceKey Choice(string name, string path, params string[] words) =>
        new(name, (table, device) => Put(device, path, table.Choice(name, words)));

    /// <summary>A whole number.</summary>
    public static DeviceKey Number(string name, string path, int least = 0) => new(
        name, (table, device) => Put(device, path, table.Count(name, least)?.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Bytes, written in KiB with their unit.</summary>
    public static DeviceKey Size(string name, string path) => new(name, (table, device) =>
    {
        if (table.Size(name) is not { } bytes)
            return;
        Put(device, path, ((bytes / KiB) + (bytes % KiB > 0 ? 1 : 0)).ToString(CultureInfo.InvariantCulture));
        Put(device, path + "/@unit", "KiB");
    });

    /// <summary>Yes or no, in libvirt's words of the place.</summary>
    public static DeviceKey Flag(string name, string path, string yes = "on", string no = "off") => new(
        name, (table, device) => Put(device, path, table.Flag(name) switch { null => null, true => yes, false => no }));

    /// <summary>An empty element that is there or not.</summary>
    public static DeviceKey Presence(string name, string element) => new(name, (table, device) =>
    {
        if (table.Flag(name) is { } present)
            device.SetElementValue(element, present ? "" : null);
    });

    /// <summary>Where a character device leads, as <c>pty</c> or <c>unix:PATH</c>.</summary>
    public static DeviceKey Character(string name) => new(name, (table, device) =>
    {
        if (table.Text(name) is not { } text)
            return;
        SerialSource source = SerialSpecAttribute.FromText(text);
        XElement made = SerialXml.Port(device.Name.LocalName, source, null);
        device.Elements("source").Remove();
        device.Elements("protocol").Remove();
        device.SetAttributeValue("type", source.Type);
        device.AddFirst(made.Elements());
    });

    /// <summary>Puts a value to its place; null leaves it as it is.</summary>
    public static void Put(XElement device, string path, string? value)
    {
        if (value is null)
            return;
        XElement at = device;
        foreach (string part in path.Split('/'))
        {
            if (part[0] == '@')
            {
                at.SetAttributeValue(part[1..], value);
                return;
            }

            if (at.Element(part) is not { } child)
                at.Add(child = new XElement(part));
            at = child;
        }

        // Attributes of the element stay.
        at.Nodes().OfType<XText>().Remove();
        at.AddFirst(new XText(value));
    }

    /// <summary>Whether there is something at a place.</summary>
    public static bool Has(XElement device, string path)
    {
        XElement? at = device;
        foreach (string part in path.Split('/'))
        {
            if (part[0] == '@')
                return at.Attribute(part[1..]) is not null;
            at = at.Element(part);
            if (at is null)
                return false;
        }

        return at.Value.Length > 0;
    }
}
