using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>Sets children of a device's element.</summary>
internal static class DeviceElementPart
{
    /// <summary>The child with this name, added when it is not there.</summary>
    public static XElement GetOrAdd(XElement parent, string name)
    {
        if (parent.Element(name) is { } found)
            return found;
        var added = new XElement(name);
        parent.Add(added);
        return added;
    }

    /// <summary>Puts a copy of a child in the place of the one with its name.</summary>
    public static void Replace(XElement parent, XElement child)
    {
        if (parent.Element(child.Name) is { } old)
            old.ReplaceWith(new XElement(child));
        else
            parent.Add(new XElement(child));
    }
}
