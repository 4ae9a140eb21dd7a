namespace Virt.CodecGuard.Measuring;

/// <summary>One workload in pairs of workers, one of each codec.</summary>
/// <param name="Workload">Its name.</param>
/// <param name="Operations">How many operations each sample has.</param>
/// <param name="Pairs">The sample of the codec before and that of the codec now, of each pair.</param>
internal sealed record Comparison(string Workload, long Operations, IReadOnlyList<(Sample Before, Sample Now)> Pairs)
{
    /// <summary>Time now, over time before: the median of the pairs.</summary>
    public double TimeRatio => Median(Pairs.Select(pair => (double)pair.Now.Nanoseconds / Math.Max(1, pair.Before.Nanoseconds)));

    /// <summary>Bytes allocated by one operation before, in the best pair.</summary>
    public double BytesBefore => Pairs.Min(pair => pair.Before.Bytes) / (double)Operations;

    /// <summary>Bytes allocated by one operation now, in the best pair.</summary>
    public double BytesNow => Pairs.Min(pair => pair.Now.Bytes) / (double)Operations;

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
