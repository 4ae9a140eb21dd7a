using System.Globalization;
using Virt.Bench.Report;
using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;

namespace Virt.Bench.Work;

/// <summary>What ten times as many domains cost in the test driver: ten times as much, or little more.</summary>
internal static class TestDriverWork
{
    private const int Few = 1_000;
    private const int Many = 10_000;
    private const double Linear = 11;

    /// <summary>Time and memory of many, as multiples of those of few.</summary>
    public static async Task<IReadOnlyList<Row>> LinearAsync(CancellationToken cancel)
    {
        // What the runtime compiles while the first list is made shall not be counted.
        await MeasureAsync(Few, cancel).ConfigureAwait(false);
        (double fewTime, double fewMemory) = await MeasureAsync(Few, cancel).ConfigureAwait(false);
        (double manyTime, double manyMemory) = await MeasureAsync(Many, cancel).ConfigureAwait(false);
        return
        [
            new Row("test driver: list of 10,000 in lists of 1,000", "times", manyTime / fewTime, null, null, Goal.Itself(Linear)),
            new Row("test driver: memory of 10,000 in those of 1,000", "times", manyMemory / fewMemory, null, null, Goal.Itself(Linear)),
        ];
    }

    private static async Task<(double Microseconds, double Bytes)> MeasureAsync(int domains, CancellationToken cancel)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        VirtConnection connection = await VirtConnection.OpenAsync(
            string.Create(CultureInfo.InvariantCulture, $"test:///default?domains={domains}"), OpenOptions.None, cancel: cancel).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            Func<ValueTask> list = async () => await connection.Hypervisor.ListDomainsAsync(DomainFilter.All, cancel).ConfigureAwait(false);
            await list().ConfigureAwait(false);
            double bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
            var spent = new Samples();
            spent.Add(await Bench.TimeAsync(50, list).ConfigureAwait(false));
            return (spent.Median, bytes);
        }
    }
}
