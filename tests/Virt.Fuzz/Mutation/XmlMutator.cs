using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Virt.Fuzz.Mutation;

/// <summary>Changes XML and leaves it XML: elements and attributes go, come twice, move, and get values of others.</summary>
internal sealed class XmlMutator : IMutator
{
    public byte[] Mutate(byte[] input, IReadOnlyList<byte[]> corpus, Random random)
    {
        if (Parse(input) is not { } root)
            return input;
        XElement[] all = [.. root.DescendantsAndSelf().Take(2000)];
        XElement element = all[random.Next(all.Length)];
        try
        {
            Change(root, element, all, corpus, random);
            return Encoding.UTF8.GetBytes(root.ToString(SaveOptions.DisableFormatting));
        }
        catch (Exception invalid) when (invalid is ArgumentException or XmlException or InvalidOperationException)
        {
            // A value that XML cannot hold.
            return input;
        }
    }

    private static void Change(XElement root, XElement element, XElement[] all, IReadOnlyList<byte[]> corpus, Random random)
    {
        switch (random.Next(9))
        {
            case 0 when element != root:
                element.Remove();
                break;
            case 1 when element != root:
                for (int copies = random.Next(10) == 0 ? random.Next(64) : 1; copies >= 0; copies--)
                    element.AddAfterSelf(new XElement(element));
                break;
            case 2 or 3 when element.Attributes().Any():
                XAttribute[] attributes = [.. element.Attributes().Where(attribute => !attribute.IsNamespaceDeclaration)];
                if (attributes.Length > 0)
                    attributes[random.Next(attributes.Length)].Value = Value(all, random);
                break;
            case 4 when element.Attributes().Any():
                element.Attributes().ElementAt(random.Next(element.Attributes().Count())).Remove();
                break;
            case 5 when !element.HasElements:
                element.Value = Value(all, random);
                break;
            case 6:
                XElement other = all[random.Next(all.Length)];
                element.Add(other.DescendantsAndSelf().Take(200).Count() < 200 ? new XElement(other) : null);
                break;
            case 7 when Parse(corpus[random.Next(corpus.Count)]) is { } donor:
                XElement[] parts = [.. donor.Descendants().Take(2000)];
                if (parts.Length > 0)
                    Match(all, parts[random.Next(parts.Length)], element).Add(new XElement(parts[random.Next(parts.Length)]));
                break;
            default:
                XElement named = all[random.Next(all.Length)];
                element.SetAttributeValue(named.Attributes().FirstOrDefault(a => !a.IsNamespaceDeclaration)?.Name ?? "type", Value(all, random));
                break;
        }
    }

    // What stood under an element of a name mostly goes under one of that name again.
    private static XElement Match(XElement[] all, XElement part, XElement otherwise) =>
        all.FirstOrDefault(element => element.Name == part.Parent?.Name) ?? otherwise;

    private static string Value(XElement[] all, Random random)
    {
        if (random.Next(3) > 0)
            return Values.Pick(random);
        XElement from = all[random.Next(all.Length)];
        return from.Attributes().FirstOrDefault(attribute => !attribute.IsNamespaceDeclaration)?.Value ?? (from.HasElements ? "" : from.Value);
    }

    private static XElement? Parse(byte[] input)
    {
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = 1 << 20 };
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(input), settings);
            return XElement.Load(reader);
        }
        catch (XmlException)
        {
            return null;
        }
    }
}
