using System.Globalization;
using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>Sizes with libvirt's <c>unit</c> attribute: b/bytes, KB, k/KiB, MB, M/MiB, GB, G/GiB, TB, T/TiB, ..., in any case (formatdomain).</summary>
public static class ScaledSize
{
    /// <summary>Reads the element's integer in its unit and returns bytes.</summary>
    public static long Read(XElement element, string defaultUnit)
    {
        ArgumentNullException.ThrowIfNull(element);
        return Parse(element, element.Value, (string?)element.Attribute("unit") ?? defaultUnit);
    }

    /// <summary>Reads an attribute's integer in the unit of the element and returns bytes; null when it is absent.</summary>
    public static long? Read(XElement element, string attribute, string defaultUnit)
    {
        ArgumentNullException.ThrowIfNull(element);
        return element.Attribute(attribute) is { } found
            ? Parse(found, found.Value, (string?)element.Attribute("unit") ?? defaultUnit)
            : null;
    }

    private static long Parse(XObject at, string text, string unit)
    {
        if (!ulong.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
            throw XmlFault.Invalid(at, $"'{text.Trim()}' is not a whole number");
        if (Scale(unit) is not { } scale)
            throw XmlFault.Invalid(at, $"'{unit}' is not a unit", "Use bytes, KiB, MiB, GiB, TiB, or KB, MB, GB, TB.");
        UInt128 bytes = (UInt128)number * scale;
        return bytes <= long.MaxValue ? (long)bytes : throw XmlFault.Invalid(at, $"{number} {unit} is too large");
    }

    private static ulong? Scale(string unit) => unit.ToUpperInvariant() switch
    {
        "B" or "BYTE" or "BYTES" => 1,
        "KB" => 1_000,
        "K" or "KIB" => 1UL << 10,
        "MB" => 1_000_000,
        "M" or "MIB" => 1UL << 20,
        "GB" => 1_000_000_000,
        "G" or "GIB" => 1UL << 30,
        "TB" => 1_000_000_000_000,
        "T" or "TIB" => 1UL << 40,
        "PB" => 1_000_000_000_000_000,
        "P" or "PIB" => 1UL << 50,
        "EB" => 1_000_000_000_000_000_000,
        "E" or "EIB" => 1UL << 60,
        _ => null,
    };
}
