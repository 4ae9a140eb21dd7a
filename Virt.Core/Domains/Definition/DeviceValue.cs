using System.Globalization;
using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>Compares what elements of devices say: numbers by value, sizes in any unit, the rest by text.</summary>
internal static class DeviceValue
{
    /// <summary>A value in the one form that equal values share: numbers in decimal, all else in lower case.</summary>
    public static string Normal(string value)
    {
        string text = value.Trim();
        bool number = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong parsed)
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out parsed);
        return number ? parsed.ToString(CultureInfo.InvariantCulture) : text.ToUpperInvariant();
    }

    /// <summary>Whether two values mean the same.</summary>
    public static bool AreSame(string one, string other) =>
        one == other || ((char.IsAsciiDigit(one.FirstOrDefault()) || one.Contains(':', StringComparison.Ordinal)) && Normal(one) == Normal(other));

    /// <summary>Whether an attribute is the unit of its element's text, with which it is compared.</summary>
    public static bool IsUnit(XAttribute attribute) => attribute.Name == "unit";

    /// <summary>Whether two elements say the same in their text.</summary>
    public static bool HaveSameText(XElement one, XElement other)
    {
        if (one.HasElements || other.HasElements)
            return true;
        if (one.Attribute("unit") is null && other.Attribute("unit") is null)
            return AreSame(one.Value.Trim(), other.Value.Trim());
        return TrySize(one) is { } size ? size == TrySize(other) : AreSame(one.Value.Trim(), other.Value.Trim());
    }

    private static long? TrySize(XElement element)
    {
        try
        {
            return ScaledSize.Read(element, "KiB");
        }
        catch (Errors.VirtException)
        {
            return null;
        }
    }
}
