namespace Virt.CodecGuard.Reporting;

/// <summary>One test of a guard.</summary>
/// <param name="Name">What is guarded.</param>
/// <param name="Measured">Whether it could be measured; else it counts as skipped.</param>
/// <param name="Fault">Why it failed; null when it did not.</param>
internal sealed record GuardResult(string Name, bool Measured, string? Fault);
