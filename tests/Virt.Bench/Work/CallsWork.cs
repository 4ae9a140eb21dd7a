using Virt.Bench.Lab;
using Virt.Bench.Report;
using Virt.Domains;
using Virt.Drivers;

namespace Virt.Bench.Work;

/// <summary>Calls that start nothing: define, round trip, list, statistics, calls per second.</summary>
internal static class CallsWork
{
    private const int Rounds = 10;
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(1.5);

    /// <summary>Defines all domains on both sides, in slices.</summary>
    public static async Task<Row> DefineAsync(Bench bench, CancellationToken cancel)
    {
        int slice = bench.Options.Domains / Rounds;
        IReadOnlyList<Samples> spent = await Bench.AlternateAsync(
            Rounds,
            async round =>
            {
                int next = round * slice;
                return await Bench.TimeAsync(
                    slice, async () => await bench.Hypervisor.DefineDomainAsync(Guests.Xml(next++), DefineOptions.None, cancel).ConfigureAwait(false)).ConfigureAwait(false);
            },
            bench.Libvirt is { } libvirt ? round => libvirt.DoAsync("define", cancel, ("first", round * slice), ("count", slice)) : null).ConfigureAwait(false);
        return Of("define, durable on disk", spent, 1000, "ms", Goal.Libvirt(1.0));
    }

    /// <summary>Reads, one after the other.</summary>
    public static async Task<IReadOnlyList<Row>> ReadAsync(Bench bench, CancellationToken cancel)
    {
        IHypervisorDriver driver = bench.Hypervisor;
        string name = Guests.Name(0);
        Func<ValueTask> lookup = async () => await driver.GetDomainByNameAsync(name, cancel).ConfigureAwait(false);
        Func<ValueTask> list = async () => await driver.ListDomainsAsync(DomainFilter.All, cancel).ConfigureAwait(false);
        Func<ValueTask> statistics = async () => await driver.GetDomainStatisticsAsync(DomainFilter.All, StatisticsGroups.All, cancel).ConfigureAwait(false);
        string count = Table.Count(bench.Options.Domains);

        Samples[] trips = [.. await PairAsync(bench, 200, lookup, "round_trip", cancel).ConfigureAwait(false)];
        Samples[] lookups = [.. await PairAsync(bench, 200, lookup, "lookup", cancel).ConfigureAwait(false)];
        Samples[] info = [.. await PairAsync(bench, 1, list, "list_info", cancel).ConfigureAwait(false)];
        Samples[] bare = [.. await PairAsync(bench, 5, list, "list_bare", cancel).ConfigureAwait(false)];
        Samples[] counters = [.. await PairAsync(bench, 2, statistics, "statistics", cancel).ConfigureAwait(false)];
        return
        [
            Of("round trip, unix (ours: lookup by name)", trips, 1, "µs", Goal.Libvirt(0.6)),
            Of("lookup by name (ours: full record)", lookups, 1, "µs"),
            Of($"list {count}, full records; libvirt: list with info", info, 1000, "ms", Goal.Libvirt(0.02)),
            Of($"list {count}, full records; libvirt: bare list", bare, 1000, "ms", Goal.Libvirt(1.0)),
            Of($"statistics of {count} in one call", counters, 1000, "ms", Goal.Libvirt(0.15)),
        ];
    }

    /// <summary>Calls per second of several callers on one connection.</summary>
    public static async Task<Row> RateAsync(Bench bench, int callers, Goal goal, CancellationToken cancel)
    {
        IReadOnlyList<Samples> rates = await Bench.AlternateAsync(
            3,
            async _ => [await OursAsync(bench.Hypervisor, callers, Busy, cancel).ConfigureAwait(false)],
            bench.Libvirt is { } libvirt
                ? _ => libvirt.DoAsync("calls", cancel, ("callers", callers), ("seconds", Busy.TotalSeconds))
                : null).ConfigureAwait(false);
        return Of(callers == 1 ? "calls per second, 1 caller" : $"calls per second, {callers} callers", rates, 1, "1/s", goal);
    }

    /// <summary>Our calls per second.</summary>
    public static async Task<double> OursAsync(IHypervisorDriver driver, int callers, TimeSpan time, CancellationToken cancel)
    {
        string name = Guests.Name(0);
        long end = Environment.TickCount64 + (long)time.TotalMilliseconds;
        int[] counts = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(CallAsync, cancel))).ConfigureAwait(false);
        return counts.Sum() / time.TotalSeconds;

        async Task<int> CallAsync()
        {
            int calls = 0;
            for (; Environment.TickCount64 < end; calls++)
                await driver.GetDomainByNameAsync(name, cancel).ConfigureAwait(false);
            return calls;
        }
    }

    /// <summary>A row of medians.</summary>
    public static Row Of(string work, IReadOnlyList<Samples> samples, double divisor, string unit, params IReadOnlyList<Goal> goals) => new(
        work, unit, samples[0].Median / divisor, samples[1].Count > 0 ? samples[1].Median / divisor : null,
        samples.Count > 2 && samples[2].Count > 0 ? samples[2].Median / divisor : null, goals);

    private static async Task<IReadOnlyList<Samples>> PairAsync(Bench bench, int slice, Func<ValueTask> ours, string theirs, CancellationToken cancel)
    {
        // As many rounds before it counts: both have then done it often enough to be as fast as they get.
        await Bench.TimeAsync(slice * Rounds, ours).ConfigureAwait(false);
        return await Bench.AlternateAsync(
            Rounds,
            async _ => await Bench.TimeAsync(slice, ours).ConfigureAwait(false),
            bench.Libvirt is { } libvirt ? _ => libvirt.DoAsync(theirs, cancel, ("count", slice)) : null).ConfigureAwait(false);
    }
}
