using Virt.Domains;

namespace Virt.PowerShell;

/// <summary>Makes rates of counters that were read twice.</summary>
internal sealed class CounterRates(TimeSpan interval, bool sameRun)
{
    public static double? Sum(object? group, IEnumerable<double?> rates) =>
        group is null ? null : rates.Aggregate((double?)0, (sum, rate) => sum + rate);

    public double? Percent(TimeSpan? before, TimeSpan? now, int cpus) =>
        before is { } b && now is { } n ? Rate(b.TotalSeconds, n.TotalSeconds) * 100 / Math.Max(cpus, 1) : null;

    public IEnumerable<VCpuRate> VCpus(IReadOnlyList<VCpuStatistics>? before, IReadOnlyList<VCpuStatistics>? now) =>
        Pairs(before, now, cpu => cpu.Number).Select(pair =>
            new VCpuRate(pair.Now.Number, Percent(pair.Before.Time, pair.Now.Time, 1)));

    public IEnumerable<DiskRate> Disks(IReadOnlyList<DiskStatistics>? before, IReadOnlyList<DiskStatistics>? now) =>
        Pairs(before, now, disk => disk.Name).Select(pair => new DiskRate(
            pair.Now.Name, pair.Now.Path,
            Rate(pair.Before.ReadBytes, pair.Now.ReadBytes), Rate(pair.Before.WriteBytes, pair.Now.WriteBytes),
            Rate(pair.Before.ReadRequests, pair.Now.ReadRequests), Rate(pair.Before.WriteRequests, pair.Now.WriteRequests)));

    public IEnumerable<InterfaceRate> Interfaces(IReadOnlyList<InterfaceStatistics>? before, IReadOnlyList<InterfaceStatistics>? now) =>
        Pairs(before, now, card => card.Name).Select(pair => new InterfaceRate(
            pair.Now.Name, Rate(pair.Before.RxBytes, pair.Now.RxBytes), Rate(pair.Before.TxBytes, pair.Now.TxBytes)));

    private double? Rate(double before, double now) => sameRun && now >= before ? (now - before) / interval.TotalSeconds : null;

    private static IEnumerable<(T Before, T Now)> Pairs<T, TKey>(
        IReadOnlyList<T>? before, IReadOnlyList<T>? now, Func<T, TKey> key)
        where TKey : notnull =>
        before is null || now is null ? [] : now.Join(before, key, key, (later, earlier) => (earlier, later));
}
