using System.Xml;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Makes documents of XML that a host sent: no document type, nothing external.</summary>
internal static class XmlText
{
    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };

    public static XmlDocument ToDocument(string xml)
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
                VirtErrorCode.XmlDetail, $"the host sent XML that is not well-formed: {malformed.Message}", null,
                "Get the text as it is with -Raw.", malformed);
        }
    }
}
