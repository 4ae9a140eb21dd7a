using System.Globalization;

namespace Virt.PowerShell;

/// <summary>
/// Sizes as people write them, in powers of 1024 as PowerShell's own literals are: <c>2G</c>, <c>2GB</c>, <c>512MiB</c>, <c>1.5
/// GiB</c>.
/// </summary>
internal static class SizeText
{
    public const string Forms = "Give bytes, a literal such as 2GB, or text such as '2G', '1.5GiB' or '512MiB'.";

    private static readonly string[] Units = ["", "K", "M", "G", "T", "P"];

    /// <summary>The bytes that the text means.</summary>
    /// <exception cref="FormatException">The text is no size; the message says what is.</exception>
    public static long Parse(string text)
    {
        string trimmed = text.Trim();
        int digits = 0;
        while (digits < trimmed.Length && (char.IsAsciiDigit(trimmed[digits]) || trimmed[digits] == '.'))
            digits++;
        if (decimal.TryParse(
            trimmed.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
            && UnitPower(trimmed[digits..].Trim()) is { } power)
        {
            decimal scale = 1L << (10 * power);
            if (number <= long.MaxValue / scale)
                return (long)(number * scale);
        }

        throw new FormatException($"'{text}' is not a size. {Forms}");
    }

    /// <summary>The bytes that a value means, whatever its type.</summary>
    public static long From(object? value) => value switch
    {
        string text => Parse(text),
        byte or sbyte or short or ushort or int or uint or long => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        ulong big when big <= long.MaxValue => (long)big,
        double real when real is >= 0 and < long.MaxValue => (long)real,
        float real when real is >= 0 and < long.MaxValue => (long)real,
        decimal exact when exact is >= 0 and <= long.MaxValue => (long)exact,
        _ => throw new FormatException($"'{value}' is not a size. {Forms}"),
    };

    /// <summary>The size for people: <c>2 GiB</c>.</summary>
    public static string Humanise(long bytes)
    {
        double value = bytes;
        int unit = 0;
        while (Math.Abs(value) >= 1024 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.CurrentCulture, $"{value:0.##} {(unit == 0 ? "B" : Units[unit] + "iB")}");
    }

    private static int? UnitPower(string unit)
    {
        string letter = unit.ToUpperInvariant();
        if (letter.EndsWith("IB", StringComparison.Ordinal) && letter.Length == 3)
            letter = letter[..1];
        else if (letter.EndsWith('B'))
            letter = letter[..^1];
        int power = Array.IndexOf(Units, letter);
        return power < 0 ? null : power;
    }
}
