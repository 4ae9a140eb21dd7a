using System.Xml.Linq;
using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>Elements whose values are shown.</summary>
internal static class VisibleXml
{
    /// <summary>The element with its values as visible text; itself when they are.</summary>
    public static XElement Of(XElement element, string text)
    {
        // What the text cannot show may still come by references.
        if (ReferenceEquals(VisibleText.Lines(text), text) && !text.Contains("&#", StringComparison.Ordinal))
            return element;
        var shown = new XElement(element);
        foreach (XElement one in shown.DescendantsAndSelf())
        {
            foreach (XAttribute attribute in one.Attributes())
                attribute.Value = VisibleText.Line(attribute.Value);
            foreach (XText value in one.Nodes().OfType<XText>())
                value.Value = VisibleText.Lines(value.Value);
        }

        return shown;
    }
}
