namespace Virt.CodecGuard.Measuring;

/// <summary>What a number of runs of one workload took in one worker.</summary>
/// <param name="Nanoseconds">Processor time.</param>
/// <param name="Bytes">Bytes allocated.</param>
internal readonly record struct Sample(long Nanoseconds, long Bytes)
{
    /// <summary>The least of both: what disturbs only ever adds.</summary>
    public static Sample Least(IReadOnlyCollection<Sample> samples) =>
        new(samples.Min(sample => sample.Nanoseconds), samples.Min(sample => sample.Bytes));
}
