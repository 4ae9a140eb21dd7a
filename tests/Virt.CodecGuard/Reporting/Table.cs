using Virt.CodecGuard.Measuring;

namespace Virt.CodecGuard.Reporting;

/// <summary>The outcomes for a reader: ratios, never times.</summary>
internal static class Table
{
    public static void Write(TextWriter output, IReadOnlyCollection<Outcome> outcomes)
    {
        int width = outcomes.Max(outcome => outcome.Workload.Length);
        output.WriteLine($"{"workload".PadRight(width)}  time now/before  bytes before       now");
        foreach (Outcome outcome in outcomes)
        {
            if (outcome.Comparison is not { } comparison)
                continue;
            output.WriteLine(FormattableString.Invariant(
                $"{outcome.Workload.PadRight(width)}  {comparison.TimeRatio,15:0.000}  {comparison.BytesBefore,12:0.#}  {comparison.BytesNow,8:0.#}"));
            if (outcome.Fault is { } fault)
                output.WriteLine($"  SLOWER: {fault}");
        }
    }
}
