using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>The parts of a definition that only a caller who asks with <see cref="XmlOptions.Secure"/> may see.</summary>
public static class DefinitionSecrets
{
    private static readonly string[] Attributes = ["passwd", "passwdValidTo"];

    /// <summary>Takes out of the definition the passwords of displays, and the cookies by which disks are read from web servers.</summary>
    public static void Remove(DomainDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        foreach (XElement device in definition.Root.Elements("devices").Elements())
            Remove(device);
    }

    /// <summary>Takes them out of the element of a device.</summary>
    public static void Remove(XElement device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.Name.LocalName == "disk")
            device.Descendants("cookies").Remove();
        if (device.Name.LocalName != "graphics")
            return;
        foreach (string attribute in Attributes)
            device.Attribute(attribute)?.Remove();
    }
}
