using System.Collections.Frozen;
using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>
/// The names of the domain format: which attributes and elements an element may have, wherever it stands
/// (DomainVocabulary.txt, one line per element that has any: <c>name: attributes | elements</c>). Names in a namespace of their own, and
/// what is inside <c>metadata</c>, are not looked at.
/// </summary>
internal static class DomainVocabulary
{
    private const string Action = "Correct the name, or define without validation to keep what is not known.";

    private static readonly Lazy<FrozenDictionary<string, Names>> Elements = new(Load);

    /// <summary>Throws <see cref="Errors.VirtErrorCode.XmlInvalidSchema"/> at the first name that is not known in its place.</summary>
    public static void Check(XElement root)
    {
        foreach (XElement element in root.DescendantsAndSelf().Where(IsOurs))
        {
            Names names = Elements.Value.GetValueOrDefault(element.Name.LocalName, Names.None);
            foreach (XAttribute attribute in element.Attributes())
            {
                if (attribute.Name.NamespaceName.Length == 0 && !names.Attributes.Contains(attribute.Name.LocalName))
                    throw XmlFault.Schema(attribute, "not an attribute of this element", Action);
            }

            if (element.Name.LocalName == "metadata")
                continue;
            foreach (XElement child in element.Elements())
            {
                if (child.Name.NamespaceName.Length == 0 && !names.Children.Contains(child.Name.LocalName))
                    throw XmlFault.Schema(child, $"not an element of <{element.Name.LocalName}>", Action);
            }
        }
    }

    private static bool IsOurs(XElement element) =>
        element.AncestorsAndSelf().All(outer => outer.Name.NamespaceName.Length == 0) && !element.Ancestors("metadata").Any();

    private static FrozenDictionary<string, Names> Load()
    {
        using Stream stream = typeof(DomainVocabulary).Assembly.GetManifestResourceStream("DomainVocabulary.txt")!;
        using var reader = new StreamReader(stream);
        var elements = new Dictionary<string, Names>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string[] parts = line[(colon + 1)..].Split('|');
            elements.Add(line[..colon], new Names(Words(parts[0]), Words(parts[1])));
        }

        return elements.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static FrozenSet<string> Words(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);

    private sealed record Names(FrozenSet<string> Attributes, FrozenSet<string> Children)
    {
        public static Names None { get; } = new([], []);
    }
}
