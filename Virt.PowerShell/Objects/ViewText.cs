using System.Globalization;

namespace Virt.PowerShell;

/// <summary>Values as the default views show them; the objects themselves keep the raw values.</summary>
public static class ViewText
{
    /// <summary>A size for people, as <c>2 GiB</c>; nothing for null.</summary>
    public static string Size(double? bytes) => bytes is { } value ? SizeText.Humanise((long)value) : "";

    /// <summary>A rate for people, as <c>1.5 MiB/s</c>; nothing for null.</summary>
    public static string Rate(double? bytesPerSecond) => bytesPerSecond is { } value ? SizeText.Humanise((long)value) + "/s" : "";

    /// <summary>A duration for people, as <c>2d 04:05:06</c>; nothing for null.</summary>
    public static string Duration(TimeSpan? duration)
    {
        if (duration is not { } time)
            return "";
        string clock = time.ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture);
        return time.Days > 0 ? string.Create(CultureInfo.InvariantCulture, $"{time.Days}d {clock}") : clock;
    }

    /// <summary>A percentage with one decimal; nothing for null.</summary>
    public static string Percent(double? percent) => percent is { } value
        ? value.ToString("0.0", CultureInfo.CurrentCulture) : "";
}
