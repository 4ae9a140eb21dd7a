using System.Runtime.CompilerServices;
using System.Text;

namespace Virt.Fuzz.Targets;

/// <summary>The definitions of tests/corpus/domains.</summary>
internal static class Definitions
{
    /// <summary>Their texts, by name.</summary>
    public static IReadOnlyList<string> Texts { get; } = [.. Directory.EnumerateFiles(Find(), "*.xml").Order(StringComparer.Ordinal).Select(File.ReadAllText)];

    /// <summary>The same as bytes.</summary>
    public static IEnumerable<byte[]> Seeds => Texts.Select(Encoding.UTF8.GetBytes);

    private static string Find([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../corpus/domains"));
}
