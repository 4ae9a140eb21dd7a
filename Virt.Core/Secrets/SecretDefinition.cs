using System.Xml.Linq;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Secrets;

/// <summary>
/// A secret's definition, in libvirt's secret XML (https://libvirt.org/formatsecret.html): whom it is for and how it is kept, never
/// its value.
/// </summary>
/// <param name="Uuid">Its identity.</param>
/// <param name="UsageType">What it is for: <c>volume</c>, <c>ceph</c>, <c>iscsi</c>, <c>tls</c>, <c>vtpm</c>, or <c>none</c>.</param>
/// <param name="UsageId">Whom it is for: the path of a volume, or a name; null for <c>none</c>.</param>
/// <param name="Description">A description, or null.</param>
/// <param name="Private">Whether the value never leaves the daemon.</param>
/// <param name="Ephemeral">Whether it is kept in memory only.</param>
public sealed record SecretDefinition(
    Guid Uuid, string UsageType, string? UsageId, string? Description = null, bool Private = false, bool Ephemeral = false)
{
    private const string NoUsage = "none";
    private const int MaximumText = 4096;

    private static readonly Dictionary<string, string> UsageElements = new(StringComparer.Ordinal)
    {
        ["volume"] = "volume", ["ceph"] = "name", ["iscsi"] = "target", ["tls"] = "name", ["vtpm"] = "name",
    };

    /// <summary>Parses and checks a definition; a missing uuid is generated.</summary>
    /// <exception cref="VirtException">What is wrong, with line and element.</exception>
    public static SecretDefinition Parse(string xml)
    {
        XElement root = SafeXml.Parse(xml, "secret");
        (string type, string? id) = ReadUsage(root.Element("usage"));
        return new SecretDefinition(
            ReadUuid(root.Element("uuid")), type, id, Text(root.Element("description")), Flag(root, "private"), Flag(root, "ephemeral"));
    }

    /// <summary>The XML, as libvirt writes it.</summary>
    public string ToXml()
    {
        var root = new XElement(
            "secret", new XAttribute("ephemeral", YesNo(Ephemeral)), new XAttribute("private", YesNo(Private)),
            new XElement("uuid", Uuid.ToString("D")), Description is null ? null : new XElement("description", Description));
        if (UsageElements.TryGetValue(UsageType, out string? element))
            root.Add(new XElement("usage", new XAttribute("type", UsageType), new XElement(element, UsageId)));
        return root.ToString().Replace("\r\n", "\n", StringComparison.Ordinal) + "\n";
    }

    /// <summary>The record of a secret with this definition.</summary>
    public SecretRecord ToRecord(bool hasValue) => new(Uuid, UsageType, UsageId, Description, Private, Ephemeral, hasValue);

    private static (string Type, string? Id) ReadUsage(XElement? usage)
    {
        if (usage is null)
            return (NoUsage, null);
        string type = (string?)usage.Attribute("type") ?? throw XmlFault.Invalid(usage, "the attribute type is missing");
        if (type == NoUsage)
            return (NoUsage, null);
        if (!UsageElements.TryGetValue(type, out string? element))
        {
            throw XmlFault.Unsupported(
                usage.Attribute("type")!, $"'{type}' is not one of {string.Join(", ", UsageElements.Keys)}");
        }

        string id = Text(usage.Element(element)) ?? throw XmlFault.Invalid(usage, $"the element {element} is missing");
        return type != "volume" || id[0] == '/'
            ? (type, id)
            : throw XmlFault.Invalid(usage.Element(element)!, $"'{id}' is not an absolute path");
    }

    private static Guid ReadUuid(XElement? element)
    {
        if (element is null)
            return Guid.NewGuid();
        string text = element.Value.Trim();
        return Guid.TryParseExact(text, "D", out Guid uuid) || Guid.TryParseExact(text, "N", out uuid)
            ? uuid
            : throw XmlFault.Invalid(element, $"'{text}' is not a uuid");
    }

    private static bool Flag(XElement root, string name) => root.Attribute(name) switch
    {
        null => false,
        { Value: "yes" } => true,
        { Value: "no" } => false,
        var other => throw XmlFault.Invalid(other, $"'{other.Value}' is neither yes nor no"),
    };

    private static string? Text(XElement? element) => element?.Value.Trim() switch
    {
        null or "" => null,
        { Length: > MaximumText } => throw XmlFault.Invalid(element, $"it has more than {MaximumText} characters"),
        var text => text,
    };

    private static string YesNo(bool value) => value ? "yes" : "no";
}
