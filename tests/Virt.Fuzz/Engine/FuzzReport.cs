namespace Virt.Fuzz.Engine;

/// <summary>What a run has tried and found.</summary>
internal sealed record FuzzReport(
    string Target, long Inputs, TimeSpan Time, int Outcomes, int Corpus, TimeSpan Slowest, long MostAllocated, long PeakMemory,
    IReadOnlyList<Finding> Findings, string? Shares = null)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant(
        $"{Target}: {Inputs} inputs in {Time.TotalSeconds:0.#} s ({Inputs / Math.Max(Time.TotalSeconds, 0.001):0}/s), {Outcomes} outcomes, {Corpus} kept, slowest {Slowest.TotalMilliseconds:0.#} ms, most allocated {MostAllocated >> 10} KiB, peak RSS {PeakMemory >> 20} MiB, {Findings.Count} findings{(Shares is null ? "" : $" ({Shares})")}");
}
