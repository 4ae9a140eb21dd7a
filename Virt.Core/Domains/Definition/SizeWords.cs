using System.Globalization;

namespace Virt.Domains.Definition;

/// <summary>Sizes in messages.</summary>
internal static class SizeWords
{
    private static readonly string[] Units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>The size in the largest unit in which it is at least one, as <c>1.5 GiB</c>.</summary>
    public static string Format(long bytes)
    {
        decimal value = bytes;
        int unit = 0;
        while (Math.Abs(value) >= 1024 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.##} {Units[unit]}");
    }
}
