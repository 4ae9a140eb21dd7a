using Virt.Bench.Lab;
using Virt.Bench.Report;
using Virt.Chaos;
using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;

namespace Virt.Bench.Work;

/// <summary>What the daemons keep in memory.</summary>
internal static class MemoryWork
{
    // So many that what they take is more than what virtd lets lie (8 MiB).
    private const int Clients = 1_000;
    private const int Running = 250;

    // virtd gives back two seconds after it has started, and after clients have come.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    /// <summary>Both at the same moment.</summary>
    public static async Task<Row> ResidentAsync(Bench bench, string moment, CancellationToken cancel)
    {
        double? theirs = bench.Libvirt is { } libvirt ? (await libvirt.DoAsync("memory", cancel).ConfigureAwait(false))[0] / 1024 : null;
        return new Row(
            $"resident memory, {Table.Count(bench.Options.Domains)} defined, {moment}", "MiB", ResidentMemory.OfProcess(bench.Virtd.Pid) / 1024.0, theirs, null,
            Goal.Libvirt(1.0));
    }

    /// <summary>
    /// What one more client that is connected, and one more guest that runs, take of a virtd's memory. Each look is at one that has
    /// just been started, so that none sees what work before has left: a virtd that finds the guests, and one that finds none.
    /// </summary>
    public static async Task<Table> EachAsync(string daemon, CancellationToken cancel)
    {
        using var folder = new TemporaryFolder();
        await using var virtd = new DaemonProcess(daemon, folder.Path);
        await virtd.StartAsync(cancel).ConfigureAwait(false);
        var uuids = new Guid[Running];
        await WithDriverAsync(virtd, driver => Bench.ForAllAsync(0, Running, async number =>
        {
            uuids[number] = (await driver.DefineDomainAsync(Guests.Xml(number), DefineOptions.None, cancel).ConfigureAwait(false)).Uuid;
            await driver.StartDomainAsync(uuids[number], StartOptions.Paused, cancel).ConfigureAwait(false);
        }, cancel), cancel).ConfigureAwait(false);
        double running = await RestartedAsync(virtd, cancel).ConfigureAwait(false);
        await WithDriverAsync(virtd, driver => Bench.ForAllAsync(
            0, Running, async number => await driver.DestroyDomainAsync(uuids[number], DestroyOptions.None, cancel).ConfigureAwait(false), cancel), cancel).ConfigureAwait(false);
        double off = await RestartedAsync(virtd, cancel).ConfigureAwait(false);
        double connected = await ConnectedAsync(virtd, cancel).ConfigureAwait(false);
        return new Table("memory of virtd", "KiB")
            .Add("per connected client", Table.Figure((connected - off) / Clients))
            .Add("per running guest", Table.Figure((running - off) / Running));
    }

    /// <summary>The least of some seconds, in KiB: what is left when virtd has given back what it can.</summary>
    public static async Task<long> SettledAsync(int pid, CancellationToken cancel)
    {
        long least = long.MaxValue;
        using var clock = new PeriodicTimer(Look);
        for (TimeSpan waited = TimeSpan.Zero; waited < Settling; waited += Look)
        {
            await clock.WaitForNextTickAsync(cancel).ConfigureAwait(false);
            least = Math.Min(least, ResidentMemory.OfProcess(pid));
        }

        return least;
    }

    // What one that has just been started has in memory, in KiB, with an answer of each guest's monitor.
    private static async Task<double> RestartedAsync(DaemonProcess virtd, CancellationToken cancel)
    {
        await virtd.StopAsync().ConfigureAwait(false);
        await virtd.StartAsync(cancel).ConfigureAwait(false);
        await WithDriverAsync(
            virtd, async driver => await driver.GetDomainStatisticsAsync(DomainFilter.All, StatisticsGroups.All, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
        return await SettledAsync(virtd.Pid, cancel).ConfigureAwait(false);
    }

    private static async Task<double> ConnectedAsync(DaemonProcess virtd, CancellationToken cancel)
    {
        var clients = new VirtConnection?[Clients];
        try
        {
            await Bench.ForAllAsync(0, Clients, async number =>
            {
                VirtConnection client = clients[number] = await virtd.ConnectAsync(cancel).ConfigureAwait(false);
                await client.Hypervisor.GetDomainByNameAsync(Guests.Name(0), cancel).ConfigureAwait(false);
            }, cancel).ConfigureAwait(false);
            return await SettledAsync(virtd.Pid, cancel).ConfigureAwait(false);
        }
        finally
        {
            foreach (VirtConnection client in clients.OfType<VirtConnection>())
                await client.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task WithDriverAsync(DaemonProcess virtd, Func<IHypervisorDriver, Task> work, CancellationToken cancel)
    {
        VirtConnection connection = await virtd.ConnectAsync(cancel).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
            await work(connection.Hypervisor).ConfigureAwait(false);
    }
}
