using System.Xml.Linq;
using Virt.Errors;

namespace Virt.Domains.Definition;

/// <summary>Makes the errors about a definition: each names the line and the element.</summary>
public static class XmlFault
{
    /// <summary>The definition says something that is not allowed.</summary>
    public static VirtException Invalid(XObject at, string message, string? action = null) =>
        new(VirtErrorCode.XmlError, Place(at) + message, recommendedAction: action);

    /// <summary>The definition asks for something that cannot be given.</summary>
    public static VirtException Unsupported(XObject at, string message, string? action = null) =>
        new(VirtErrorCode.ConfigurationUnsupported, Place(at) + message, recommendedAction: action);

    /// <summary>The definition has a name that the format does not know.</summary>
    public static VirtException Schema(XObject at, string message, string? action = null) =>
        new(VirtErrorCode.XmlInvalidSchema, Place(at) + message, recommendedAction: action);

    private static string Place(XObject at)
    {
        int line = at.Line();
        string name = at switch
        {
            XAttribute attribute => $"<{attribute.Parent?.Name.LocalName}> {attribute.Name.LocalName}",
            XElement element => $"<{element.Name.LocalName}>",
            _ => "XML",
        };
        return line > 0 ? $"line {line}: {name}: " : $"{name}: ";
    }
}
