using System.Globalization;
using System.Xml.Linq;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition;

/// <summary>Reads attributes and elements as the type they must have; what does not fit is an error with its line.</summary>
internal static class XmlValues
{
    /// <summary>The attribute's text; null when it is absent.</summary>
    public static string? Text(this XElement element, string attribute) => (string?)element.Attribute(attribute);

    /// <summary>The attribute's text, which must be there and not empty.</summary>
    public static string Required(this XElement element, string attribute) =>
        element.Text(attribute) is { Length: > 0 } text
            ? text
            : throw XmlFault.Invalid(element, $"the attribute {attribute} is missing");

    /// <summary>One of the allowed words; null when the attribute is absent.</summary>
    public static string? Choice(this XElement element, string attribute, params ReadOnlySpan<string> allowed)
    {
        if (element.Attribute(attribute) is not { } found)
            return null;
        foreach (string word in allowed)
        {
            if (found.Value == word)
                return word;
        }

        throw XmlFault.Invalid(found, $"'{found.Value}' is not one of {string.Join(", ", allowed.ToArray())}");
    }

    /// <summary><c>yes</c>/<c>on</c> or <c>no</c>/<c>off</c>; null when the attribute is absent.</summary>
    public static bool? Flag(this XElement element, string attribute) => element.Attribute(attribute) switch
    {
        null => null,
        { Value: "yes" or "on" } => true,
        { Value: "no" or "off" } => false,
        var other => throw XmlFault.Invalid(other, $"'{other.Value}' is neither yes (on) nor no (off)"),
    };

    /// <summary>A whole number in decimal, or in hexadecimal after <c>0x</c>; null when the attribute is absent.</summary>
    public static long? Number(this XElement element, string attribute, long minimum, long maximum) =>
        element.Attribute(attribute) is { } found ? Parse(found, found.Value, minimum, maximum) : null;

    /// <summary>A number of an attribute, for what fits an int.</summary>
    public static int? Integer(this XElement element, string attribute, int minimum, int maximum) =>
        (int?)element.Number(attribute, minimum, maximum);

    /// <summary>The element's content as a whole number.</summary>
    public static long Number(this XElement element, long minimum, long maximum) =>
        Parse(element, element.Value, minimum, maximum);

    /// <summary>An absolute path; null when the attribute is absent or empty.</summary>
    public static string? AbsolutePath(this XElement element, string attribute)
    {
        if (element.Attribute(attribute) is not { Value.Length: > 0 } found)
            return null;
        return CheckPath(found, found.Value);
    }

    /// <summary>The content of a child as an absolute path; null when it is absent or empty.</summary>
    public static string? PathOf(this XElement element, string child) =>
        element.Element(child) is { } found && found.Value.Trim() is { Length: > 0 } path ? CheckPath(found, path) : null;

    /// <summary>The child; when it is absent it is added at the end, before alias and address.</summary>
    public static XElement GetOrAdd(this XElement element, string child)
    {
        if (element.Element(child) is { } found)
            return found;
        var added = new XElement(child);
        if ((child == "address" ? null : element.Element("alias") ?? element.Element("address")) is { } last)
            last.AddBeforeSelf(added);
        else
            element.Add(added);
        return added;
    }

    /// <summary>Sets the attribute when it is absent.</summary>
    public static void SetDefault(this XElement element, string attribute, object value)
    {
        if (element.Attribute(attribute) is null)
            element.SetAttributeValue(attribute, value);
    }

    private static string CheckPath(XObject at, string path) => path[0] == '/'
        ? path
        : throw XmlFault.Invalid(at, $"'{path}' is not an absolute path");

    private static long Parse(XObject at, string text, long minimum, long maximum)
    {
        string digits = text.Trim();
        bool hexadecimal = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        bool read = hexadecimal
            ? long.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long number)
            : long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
        return read && number >= minimum && number <= maximum
            ? number
            : throw XmlFault.Invalid(at, $"'{digits}' is not a whole number from {minimum} to {maximum}");
    }
}
