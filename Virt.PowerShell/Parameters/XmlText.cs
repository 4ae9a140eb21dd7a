using System.Xml;
using System.Xml.Linq;
using Virt.Errors;
using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>Makes documents of XML that a host sent: no document type, nothing external.</summary>
internal static class XmlText
{
    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };

    /// <summary>The document.</summary>
    /// <param name="xml">The text.</param>
    /// <param name="what">Whose it is, as messages begin.</param>
    public static XmlDocument ToDocument(string xml, string what = "the XML that the host sent")
    {
        var document = new XmlDocument { XmlResolver = null };
        try
        {
            using var reader = XmlReader.Create(new StringReader(xml), Settings);
            document.Load(reader);
            return document;
        }
        catch (XmlException malformed)
        {
            throw new VirtException(
                VirtErrorCode.XmlDetail, $"{what} is not well-formed: {malformed.Message}", null,
                "Correct the text at that line and position.", malformed);
        }
    }

    /// <summary>The document as text, indented by two spaces, without a declaration.</summary>
    public static string Indent(XmlDocument document)
    {
        var text = new System.Text.StringBuilder();
        var settings = new XmlWriterSettings { OmitXmlDeclaration = true, Indent = true, IndentChars = "  ", NewLineChars = "\n" };
        using (var writer = XmlWriter.Create(text, settings))
            document.Save(writer);
        return VisibleText.Xml(text.Append('\n').ToString());
    }

    /// <summary>An element that may stand under <c>metadata</c>: in a namespace of its own.</summary>
    public static XElement ToMetadata(DomainXml input)
    {
        try
        {
            using TextReader text = input.File is { } file ? new StreamReader(file) : new StringReader(input.Text!);
            using var reader = XmlReader.Create(text, Settings);
            XElement element = XElement.Load(reader);
            return element.Name.NamespaceName.Length > 0
                ? element
                : throw new VirtException(
                    VirtErrorCode.XmlError, $"the metadata <{element.Name.LocalName}> is in no namespace", null,
                    $"Give it one of your own: <my:{element.Name.LocalName} xmlns:my='https://example.org/my'>.");
        }
        catch (XmlException malformed)
        {
            throw new VirtException(
                VirtErrorCode.XmlDetail, $"the metadata is not well-formed XML: {malformed.Message}", null,
                "Correct the text at that line and position.", malformed);
        }
    }
}
