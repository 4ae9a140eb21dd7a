using Virt.CodecGuard.Measuring;

namespace Virt.CodecGuard.Reporting;

/// <summary>What came of one workload.</summary>
/// <param name="Workload">Its name.</param>
/// <param name="Comparison">What was measured; null when nothing was, so that it counts as skipped.</param>
/// <param name="Fault">Why it failed; null when it did not.</param>
internal sealed record Outcome(string Workload, Comparison? Comparison, string? Fault);
