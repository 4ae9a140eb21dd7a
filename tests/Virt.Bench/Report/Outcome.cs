using System.Globalization;

namespace Virt.Bench.Report;

/// <summary>What a run came to.</summary>
/// <param name="Rows">The side by side.</param>
/// <param name="Growth">The costs as work grows.</param>
internal sealed record Outcome(IReadOnlyList<Row> Rows, IReadOnlyList<Table> Growth)
{
    /// <summary>How many rows missed their goal.</summary>
    public int Missed => Rows.Count(row => !row.Reached);

    /// <summary>All of it, as lines of Markdown.</summary>
    public IEnumerable<string> Lines()
    {
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors, {Machine()}. Medians; {Rows.Count(row => row.Goals.Count > 0) - Missed} goals reached, {Missed} missed.");
        yield return string.Empty;
        foreach (string line in SideBySide.Lines(Rows))
            yield return line;
        foreach (Table table in Growth)
        {
            yield return string.Empty;
            foreach (string line in table.Lines())
                yield return line;
        }
    }

    private static string Machine()
    {
        string? model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return model is null ? "unknown processor" : model[(model.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
