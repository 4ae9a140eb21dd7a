using System.Diagnostics;
using Virt.CodecGuard.Baselines;
using Virt.CodecGuard.Measuring;
using Virt.CodecGuard.Reporting;

namespace Virt.CodecGuard;

/// <summary>Compares the codec of the work tree with that of the commit before. What looks worse is measured again, longer, before it fails.</summary>
/// <param name="root">The repository's folder; its workloads are built.</param>
/// <param name="output">Takes the report.</param>
internal sealed class Guard(string root, TextWriter output)
{
    private const int Pairs = 3;
    private const int Slices = 5;
    private const int PairsToConfirm = 7;
    private const int SlicesToConfirm = 12;

    private readonly Limits _limits = new();

    /// <summary>Does it.</summary>
    /// <param name="against">Another commit to compare with; null for the one before.</param>
    /// <param name="results">The file of results; null for none.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Whether no workload failed.</returns>
    public async Task<bool> RunAsync(string? against, string? results, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<(string Name, int Operations)> workloads = await Worker.ListAsync(PreviousCodec.WorkProgram(root), cancel);
        IReadOnlyList<Outcome> outcomes;
        try
        {
            outcomes = await CompareAsync(workloads, against, cancel);
            Table.Write(output, outcomes);
        }
        catch (NoBaselineException none)
        {
            Notice($"The codec was NOT compared with an earlier one: {none.Message}", $"Its {workloads.Count} comparisons count as SKIPPED.");
            outcomes = [.. workloads.Select(workload => new Outcome(workload.Name, null, null))];
        }

        if (results is not null)
            await ResultFile.WriteAsync(
                results, "codec-guard", [.. outcomes.Select(outcome => new GuardResult(outcome.Workload, outcome.Comparison is not null, outcome.Fault))],
                Stopwatch.GetElapsedTime(start), cancel);
        return outcomes.All(outcome => outcome.Fault is null);
    }

    private async Task<IReadOnlyList<Outcome>> CompareAsync(
        IReadOnlyList<(string Name, int Operations)> workloads, string? against, CancellationToken cancel)
    {
        Baseline baseline = await Baseline.FindAsync(root, against, cancel);
        output.WriteLine($"The codec of the work tree is compared with that of {baseline.Description}");
        using PreviousCodec previous = await PreviousCodec.BuildAsync(root, baseline, cancel);
        Match match = new(previous.Program, PreviousCodec.WorkProgram(root));
        IReadOnlyList<Comparison> comparisons = await match.PlayAsync(workloads, Pairs, Slices, cancel);
        HashSet<string> suspects = [.. comparisons.Where(comparison => _limits.Judge(comparison) is not null).Select(comparison => comparison.Workload)];
        if (suspects.Count > 0)
        {
            output.WriteLine($"Measured again, as they look worse: {string.Join(", ", suspects)}");
            Dictionary<string, Comparison> again = (await match.PlayAsync(
                [.. workloads.Where(workload => suspects.Contains(workload.Name))], PairsToConfirm, SlicesToConfirm, cancel))
                .ToDictionary(comparison => comparison.Workload);
            comparisons = [.. comparisons.Select(comparison => again.GetValueOrDefault(comparison.Workload, comparison))];
        }

        return [.. comparisons.Select(comparison => new Outcome(comparison.Workload, comparison, _limits.Judge(comparison)))];
    }

    private void Notice(params string[] lines)
    {
        string bar = new('*', 70);
        output.WriteLine();
        output.WriteLine(bar);
        foreach (string line in lines)
            output.WriteLine($"*  {line}");
        output.WriteLine(bar);
        output.WriteLine();
    }
}
