using System.Diagnostics;
using Virt.Bench.Lab;
using Virt.Bench.Report;
using Virt.Chaos;
using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;

namespace Virt.Bench.Work;

/// <summary>What virtd costs as domains and callers get more. Absolute figures of this machine, for their growth.</summary>
internal static class GrowthWork
{
    private static readonly int[] Sizes = [1, 10, 100, 1_000, 10_000];
    private static readonly int[] Callers = [1, 4, 16, 64];
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(1);

    /// <summary>One row for each number of domains, on a virtd of its own.</summary>
    public static async Task<Table> DomainsAsync(string daemon, CancellationToken cancel)
    {
        var table = new Table(
            "domains", "define, 16 callers (ms each)", "list (ms)", "statistics (ms)", "lookup (µs)", "start-up (ms)", "memory after it (MiB)", "memory after this work, at rest (MiB)");
        using var folder = new TemporaryFolder();
        await using var virtd = new DaemonProcess(daemon, folder.Path);
        await virtd.StartAsync(cancel).ConfigureAwait(false);
        int defined = 0;
        foreach (int size in Sizes)
        {
            double define = await DefineAsync(virtd, defined, size, cancel).ConfigureAwait(false);
            await virtd.StopAsync().ConfigureAwait(false);
            long began = Stopwatch.GetTimestamp();
            await virtd.StartAsync(cancel).ConfigureAwait(false);
            double startUp = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            double fresh = ResidentMemory.OfProcess(virtd.Pid) / 1024.0;
            (double list, double statistics, double lookup) = await ReadAsync(virtd, cancel).ConfigureAwait(false);
            table.Add(
                Table.Count(size), Table.Figure(define), Table.Figure(list / 1000), Table.Figure(statistics / 1000), Table.Figure(lookup), Table.Figure(startUp),
                Table.Figure(fresh), Table.Figure(await MemoryWork.SettledAsync(virtd.Pid, cancel).ConfigureAwait(false) / 1024.0));
            defined = size;
        }

        return table;
    }

    /// <summary>One row for each number of callers, on one connection.</summary>
    public static async Task<Table> CallersAsync(Bench bench, CancellationToken cancel)
    {
        var table = new Table("callers on one connection", "calls per second", "time of one (µs)");
        foreach (int callers in Callers)
        {
            double rate = await CallsWork.OursAsync(bench.Hypervisor, callers, Busy, cancel).ConfigureAwait(false);
            table.Add(Table.Count(callers), Table.Figure(rate), Table.Figure(callers / rate * 1e6));
        }

        return table;
    }

    private static async Task<double> DefineAsync(DaemonProcess virtd, int from, int to, CancellationToken cancel)
    {
        VirtConnection connection = await virtd.ConnectAsync(cancel).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            // The first thing of all that needs QEMU asks it what it can do.
            await connection.Hypervisor.GetHostAsync(cancel).ConfigureAwait(false);
            long began = Stopwatch.GetTimestamp();
            await Bench.ForAllAsync(
                from, to, async number => await connection.Hypervisor.DefineDomainAsync(Guests.Xml(number), DefineOptions.None, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
            return Stopwatch.GetElapsedTime(began).TotalMilliseconds / (to - from);
        }
    }

    private static async Task<(double List, double Statistics, double Lookup)> ReadAsync(DaemonProcess virtd, CancellationToken cancel)
    {
        VirtConnection connection = await virtd.ConnectAsync(cancel).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            IHypervisorDriver driver = connection.Hypervisor;
            double list = await MedianAsync(30, async () => await driver.ListDomainsAsync(DomainFilter.All, cancel).ConfigureAwait(false)).ConfigureAwait(false);
            double statistics = await MedianAsync(
                30, async () => await driver.GetDomainStatisticsAsync(DomainFilter.All, StatisticsGroups.All, cancel).ConfigureAwait(false)).ConfigureAwait(false);
            double lookup = await MedianAsync(500, async () => await driver.GetDomainByNameAsync(Guests.Name(0), cancel).ConfigureAwait(false)).ConfigureAwait(false);
            return (list, statistics, lookup);
        }
    }

    private static async Task<double> MedianAsync(int count, Func<ValueTask> work)
    {
        var spent = new Samples();
        spent.Add(await Bench.TimeAsync(count, work).ConfigureAwait(false));
        return spent.Median;
    }
}
