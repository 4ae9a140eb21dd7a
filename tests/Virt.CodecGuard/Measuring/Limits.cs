namespace Virt.CodecGuard.Measuring;

/// <summary>How much worse than before is too much.</summary>
/// <param name="TimeRatio">
/// Time now, over time before. One codec against itself comes within 2 % when measured long, within 20 % when measured briefly on
/// a busy machine; code that did not change moves by some percent with what lies beside it.
/// </param>
/// <param name="BytesRatio">Bytes now, over bytes before. They are the same each time.</param>
/// <param name="MoreBytes">Bytes of one operation that do not count.</param>
internal sealed record Limits(double TimeRatio = 1.25, double BytesRatio = 1.1, double MoreBytes = 8)
{
    /// <summary>What is wrong with a workload; null when nothing is.</summary>
    public string? Judge(Comparison comparison)
    {
        if (comparison.TimeRatio > TimeRatio)
            return FormattableString.Invariant($"it takes {comparison.TimeRatio:0.00} times as long as before; the limit is {TimeRatio:0.00}");
        double bytes = (comparison.BytesBefore * BytesRatio) + MoreBytes;
        return comparison.BytesNow > bytes
            ? FormattableString.Invariant(
                $"an operation allocates {comparison.BytesNow:0.#} bytes, {comparison.BytesBefore:0.#} before; the limit is {bytes:0.#}")
            : null;
    }
}
