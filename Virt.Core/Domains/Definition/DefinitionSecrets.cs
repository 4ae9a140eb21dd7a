using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>The parts of a definition that only a caller who asks with <see cref="XmlOptions.Secure"/> may see.</summary>
public static class DefinitionSecrets
{
    private static readonly string[] Attributes = ["passwd", "passwdValidTo"];

    /// <summary>Takes the passwords of displays out of the definition.</summary>
    public static void Remove(DomainDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        foreach (XElement graphics in definition.Root.Elements("devices").Elements("graphics"))
            Remove(graphics);
    }

    /// <summary>Takes the password of a display out of its element; other devices have none.</summary>
    public static void Remove(XElement device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.Name.LocalName != "graphics")
            return;
        foreach (string attribute in Attributes)
            device.Attribute(attribute)?.Remove();
    }
}
