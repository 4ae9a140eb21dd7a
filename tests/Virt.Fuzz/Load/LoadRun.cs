using Virt.Connections;
using Virt.Errors;

namespace Virt.Fuzz.Load;

/// <summary>
/// Good clients on a real virtd, first alone and then beside hostile ones: their calls keep working, and when all are gone the
/// daemon has given back what it took.
/// </summary>
internal sealed class LoadRun(string program, LoadOptions options, Action<string> tell)
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(60);

    /// <summary>Runs all phases.</summary>
    public async Task<LoadReport> RunAsync()
    {
        await using LoadDaemon daemon = await LoadDaemon.StartAsync(program);
        await using (VirtConnection first = await daemon.OpenAsync())
        await using (VirtConnection second = await daemon.OpenTcpAsync())
            await PhaseAsync("warm-up", [first, second], [], TimeSpan.FromSeconds(1));
        int descriptors = await SettleAsync(daemon, 0);
        long memory = daemon.Memory().Now;

        LoadPhase alone, attacked;
        HostileClient[] hostile = [.. Enumerable.Range(0, options.Hostile).Select(number => new HostileClient(daemon, number))];
        VirtConnection[] clients = await ConnectAsync(daemon, options.Clients - options.Hostile);
        try
        {
            VirtConnection[] busy = clients[..options.Busy];
            alone = await PhaseAsync("alone", busy, [], options.Time);
            tell(alone.ToString());
            attacked = await PhaseAsync("attacked", busy, hostile, options.Time);
            tell(attacked.ToString());
            attacked = attacked with { Failures = [.. attacked.Failures, .. await LostAsync(clients)] };
        }
        finally
        {
            await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
        }

        int left = await SettleAsync(daemon, descriptors);
        (long after, long peak) = daemon.Memory();
        int connections = hostile.Sum(one => one.Connections);
        return new LoadReport(
            alone, attacked, connections, memory, peak, after, descriptors, left, daemon.Lines, connections + options.Clients, daemon.Ends);
    }

    /// <summary>The good clients that are not connected any more.</summary>
    private static async Task<IReadOnlyList<string>> LostAsync(VirtConnection[] clients)
    {
        List<string> lost = [];
        foreach (VirtConnection client in clients)
        {
            try
            {
                await client.Hypervisor.GetHostAsync(CancellationToken.None);
            }
            catch (VirtException gone)
            {
                lost.Add($"a client was cut off: {gone.Message}");
            }
        }

        return lost;
    }

    private async Task<VirtConnection[]> ConnectAsync(LoadDaemon daemon, int count)
    {
        List<VirtConnection> clients = [];
        // In groups: who authenticates by password is limited in number while it does.
        foreach (int[] group in Enumerable.Range(0, count).Chunk(20))
            clients.AddRange(await Task.WhenAll(group.Select(number => number % 10 == 9 ? daemon.OpenTcpAsync().AsTask() : daemon.OpenAsync().AsTask())));
        tell($"{clients.Count} clients are connected");
        return [.. clients];
    }

    private static async Task<LoadPhase> PhaseAsync(string name, VirtConnection[] connections, HostileClient[] hostile, TimeSpan time)
    {
        using var stop = new CancellationTokenSource(time);
        GoodClient[] good = [.. connections.Select((connection, number) => new GoodClient(connection, number))];
        await Task.WhenAll(good.Select(client => client.RunAsync(stop.Token)).Concat(hostile.Select(client => client.RunAsync(stop.Token))));
        return LoadPhase.Of(name, good);
    }

    /// <summary>
    /// Waits until the daemon has let go of its clients. The runtime gives memory back when it collects, and it collects when
    /// somebody calls: one client does, until the descriptors are as before or the time is up.
    /// </summary>
    private static async Task<int> SettleAsync(LoadDaemon daemon, int wanted)
    {
        using var limit = new CancellationTokenSource(Settling);
        int open;
        do
        {
            await using (VirtConnection client = await daemon.OpenAsync())
                await PhaseAsync("settling", [client], [], TimeSpan.FromSeconds(3));
            await Task.Delay(TimeSpan.FromSeconds(1));
            open = daemon.Descriptors();
        }
        while (wanted > 0 && open > wanted && !limit.IsCancellationRequested);
        return open;
    }
}
