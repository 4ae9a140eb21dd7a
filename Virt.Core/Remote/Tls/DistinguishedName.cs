using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Virt.Remote.Tls;

/// <summary>
/// The one spelling of distinguished names: RFC 4514, most specific part first, without spaces: <c>CN=alice,O=Example,C=DE</c>.
/// <c>certtool -i</c> and <c>openssl x509 -nameopt RFC2253</c> print it as well.
/// </summary>
internal static class DistinguishedName
{
    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        ["2.5.4.3"] = "CN",
        ["2.5.4.6"] = "C",
        ["2.5.4.7"] = "L",
        ["2.5.4.8"] = "ST",
        ["2.5.4.9"] = "STREET",
        ["2.5.4.10"] = "O",
        ["2.5.4.11"] = "OU",
        ["0.9.2342.19200300.100.1.1"] = "UID",
        ["0.9.2342.19200300.100.1.25"] = "DC",
        ["1.2.840.113549.1.9.1"] = "EMAIL",
    };

    /// <summary>The name's string.</summary>
    public static string Format(X500DistinguishedName name)
    {
        var parts = new List<string>();
        AsnReader relative = new AsnReader(name.RawData, AsnEncodingRules.DER).ReadSequence();
        while (relative.HasData)
        {
            var attributes = new List<string>();
            AsnReader set = relative.ReadSetOf(skipSortOrderValidation: true);
            while (set.HasData)
                attributes.Add(Attribute(set.ReadSequence()));
            parts.Insert(0, string.Join('+', attributes));
        }

        return string.Join(',', parts);
    }

    private static string Attribute(AsnReader attribute)
    {
        string oid = attribute.ReadObjectIdentifier();
        string? type = Types.GetValueOrDefault(oid);
        ReadOnlyMemory<byte> encoded = attribute.PeekEncodedValue();
        string? text = type is null ? null : Text(attribute);
        return text is null ? $"{type ?? oid}=#{Convert.ToHexStringLower(encoded.Span)}" : $"{type}={Escape(text)}";
    }

    private static string? Text(AsnReader value)
    {
        Asn1Tag tag = value.PeekTag();
        return tag.TagClass == TagClass.Universal && (UniversalTagNumber)tag.TagValue is UniversalTagNumber.UTF8String
            or UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String or UniversalTagNumber.BMPString or UniversalTagNumber.T61String
            ? value.ReadCharacterString((UniversalTagNumber)tag.TagValue)
            : null;
    }

    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsControl(c))
            {
                foreach (byte b in Encoding.UTF8.GetBytes(text, i, 1))
                    escaped.Append(CultureInfo.InvariantCulture, $"\\{b:x2}");
                continue;
            }

            bool special = c is '"' or '+' or ',' or ';' or '<' or '>' or '\\'
                || (c == '#' && i == 0) || (c == ' ' && (i == 0 || i == text.Length - 1));
            if (special)
                escaped.Append('\\');
            escaped.Append(c);
        }

        return escaped.ToString();
    }
}
