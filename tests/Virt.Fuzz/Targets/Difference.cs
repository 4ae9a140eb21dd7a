namespace Virt.Fuzz.Targets;

/// <summary>Says in what two texts differ.</summary>
internal static class Difference
{
    /// <summary>The first lines that differ.</summary>
    public static string Of(string before, string after)
    {
        (string was, string @is) = before.Split('\n').Zip(after.Split('\n')).FirstOrDefault(pair => pair.First != pair.Second);
        return was is null ? "one is longer" : $"{was.Trim()} became {@is.Trim()}";
    }
}
