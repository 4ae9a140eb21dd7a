using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary>One device of <c>qemu:override</c>: properties of its <c>-device</c> that are set or taken out.</summary>
internal sealed class DeviceOverride
{
    private readonly List<(string Name, JsonNode? Value)> _properties = [];

    public DeviceOverride(XElement device)
    {
        Alias = device.Required("alias");
        XNamespace space = PassthroughSection.Namespace;
        foreach (XElement property in device.Elements(space + "frontend").Elements(space + "property"))
        {
            string name = property.Required("name");
            if (name is "driver" or "id")
                throw XmlFault.Invalid(property, $"the property '{name}' cannot be changed");
            _properties.Add((name, Read(property)));
        }
    }

    /// <summary>The device's alias.</summary>
    public string Alias { get; }

    /// <summary>Changes the device.</summary>
    public void Apply(JsonObject device)
    {
        foreach ((string name, JsonNode? value) in _properties)
        {
            device.Remove(name);
            if (value is not null)
                device[name] = value.DeepClone();
        }
    }

    private static JsonNode? Read(XElement property)
    {
        string type = property.Choice("type", "string", "signed", "unsigned", "bool", "remove")
            ?? throw XmlFault.Invalid(property, "the attribute type is missing");
        if (type == "remove")
            return null;
        string value = property.Text("value") ?? throw XmlFault.Invalid(property, "the attribute value is missing");
        return type switch
        {
            "signed" => property.Number("value", long.MinValue, long.MaxValue)!.Value,
            "unsigned" => ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
                ? number
                : throw XmlFault.Invalid(property, $"'{value}' is not a whole number of 0 or more"),
            "bool" => value switch
            {
                "true" => true,
                "false" => false,
                _ => throw XmlFault.Invalid(property, $"'{value}' is neither true nor false"),
            },
            _ => value,
        };
    }
}
