using System.Xml;
using System.Xml.Linq;

namespace Virt.PowerShell;

/// <summary>Domain XML as a user gives it: text, an XML document or one of its nodes, or a file.</summary>
public sealed class DomainXml
{
    /// <summary>Text; also a line of it, which may be empty.</summary>
    public DomainXml(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Text = text;
    }

    /// <summary>A document or a node, as the cast [xml] and Get-VirtXml make them.</summary>
    public DomainXml(XmlNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        Text = (node is XmlDocument document ? document.DocumentElement : node)?.OuterXml ?? "";
    }

    /// <summary>A document or a node of LINQ to XML.</summary>
    public DomainXml(XNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        Text = node.ToString();
    }

    /// <summary>A file, as Get-ChildItem finds them; it is read when the domain is made.</summary>
    public DomainXml(FileInfo file)
    {
        ArgumentNullException.ThrowIfNull(file);
        File = file.FullName;
    }

    /// <summary>The text; null for a file.</summary>
    internal string? Text { get; }

    /// <summary>The file's path; null for text.</summary>
    internal string? File { get; }

    /// <summary>The text, or the file's path.</summary>
    public override string ToString() => Text ?? File!;
}
