using System.Xml;
using System.Xml.Linq;
using Virt.Errors;

namespace Virt.Domains.Definition;

/// <summary>
/// Reads XML that nobody vouches for: no document type, no entities, nothing external, bounded in size and depth; positions
/// are kept so that errors name lines.
/// </summary>
public static class SafeXml
{
    /// <summary>The largest document, in characters.</summary>
    public const int MaximumCharacters = 8 * 1024 * 1024;

    /// <summary>The deepest nesting of elements.</summary>
    public const int MaximumDepth = 64;

    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MaximumCharacters,
        MaxCharactersFromEntities = 1024,
        // Processing instructions stay: left out, they would leave texts to be joined piece by piece, each time as a whole.
        IgnoreWhitespace = true,
    };

    // A carriage return that is not spelt out would come back as a line feed.
    private static readonly XmlWriterSettings Flat = new() { OmitXmlDeclaration = true, NewLineHandling = NewLineHandling.Entitize };

    private static readonly XmlWriterSettings Indented = new()
    {
        OmitXmlDeclaration = true, NewLineHandling = NewLineHandling.Entitize, Indent = true, IndentChars = "  ", NewLineChars = "\n",
    };

    /// <summary>The text of an element, without an XML declaration; parsing it gives the same element.</summary>
    /// <param name="element">The element.</param>
    /// <param name="indented">Whether elements have lines of their own, indented by two spaces.</param>
    public static string Write(XElement element, bool indented = true)
    {
        ArgumentNullException.ThrowIfNull(element);
        var text = new System.Text.StringBuilder(2048);
        using (var writer = XmlWriter.Create(text, indented ? Indented : Flat))
            element.WriteTo(writer);
        return text.ToString();
    }

    /// <summary>Parses a document whose root must have one of the given names.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.XmlDetail"/> when it is not well-formed,
    /// <see cref="VirtErrorCode.XmlError"/> when the root is another or the nesting too deep.</exception>
    public static XElement Parse(string xml, params ReadOnlySpan<string> roots)
    {
        XElement element = ParseFragment(xml);
        if (roots.Contains(element.Name.LocalName) && element.Name.NamespaceName.Length == 0)
            return element;
        throw new VirtException(
            VirtErrorCode.XmlError,
            $"line {element.Line()}: the root element is <{element.Name.LocalName}>, expected <{string.Join("> or <", roots!)}>",
            recommendedAction: $"Give the XML of a {string.Join(" or ", roots!)}, as 'virsh dumpxml' or Get-VirtXml print it.");
    }

    /// <summary>Parses a document whatever its root is.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.XmlDetail"/> when it is not well-formed,
    /// <see cref="VirtErrorCode.XmlError"/> when the nesting is too deep.</exception>
    public static XElement ParseFragment(string xml)
    {
        ArgumentNullException.ThrowIfNull(xml);
        if (xml.Length > MaximumCharacters)
            throw new VirtException(VirtErrorCode.XmlDetail, $"the XML has {xml.Length} characters, more than the {MaximumCharacters} that are read");
        try
        {
            CheckDepth(xml);
            using var text = new StringReader(xml);
            using var reader = XmlReader.Create(text, Settings);
            XElement element = XDocument.Load(reader, LoadOptions.SetLineInfo).Root!;
            element.Remove();
            return element;
        }
        catch (XmlException malformed)
        {
            throw new VirtException(
                VirtErrorCode.XmlDetail, $"the XML is not well-formed: {malformed.Message}",
                recommendedAction: "Correct the text at that line and position.", innerException: malformed);
        }
    }

    /// <summary>The line an element or attribute came from; 0 when it was made in memory.</summary>
    public static int Line(this XObject node) => node is IXmlLineInfo info && info.HasLineInfo() ? info.LineNumber : 0;

    private static void CheckDepth(string xml)
    {
        using var text = new StringReader(xml);
        using var reader = XmlReader.Create(text, Settings);
        while (reader.Read())
        {
            if (reader.Depth > MaximumDepth)
                throw new VirtException(VirtErrorCode.XmlError, $"line {((IXmlLineInfo)reader).LineNumber}: elements are nested deeper than {MaximumDepth}");
        }
    }
}
