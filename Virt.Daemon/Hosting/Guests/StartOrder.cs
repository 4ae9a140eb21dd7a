namespace Virt.Daemon.Hosting;

/// <summary>The order in which guests start with their host: those that the configuration names one after the other, then the rest by their names.</summary>
/// <param name="config">What the configuration says.</param>
internal sealed class StartOrder(GuestsConfig config)
{
    private const int AtOnce = 4;

    /// <summary>Starts guests. Where the configuration has a delay all start one after the other, else those it does not name side by side.</summary>
    /// <param name="guests">The guests.</param>
    /// <param name="name">The name of one.</param>
    /// <param name="start">Starts one; its failure must be its own.</param>
    /// <param name="cancel">Stops it; what has begun is awaited.</param>
    public async Task RunAsync<T>(IEnumerable<T> guests, Func<T, string> name, Func<T, Task> start, CancellationToken cancel)
    {
        TimeSpan delay = TimeSpan.FromSeconds(config.AutostartDelaySeconds);
        Dictionary<string, int> places = config.AutostartOrder.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        T[] all = [.. guests.OrderBy(guest => places.GetValueOrDefault(name(guest), int.MaxValue)).ThenBy(name, StringComparer.Ordinal)];
        T[] inTurn = delay > TimeSpan.Zero ? all : [.. all.Where(guest => places.ContainsKey(name(guest)))];
        foreach ((int index, T guest) in inTurn.Index())
        {
            if (index > 0)
                await Task.Delay(delay, cancel).ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
            await start(guest).ConfigureAwait(false);
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
        await Parallel.ForEachAsync(all.Skip(inTurn.Length), options, async (guest, _) => await start(guest).ConfigureAwait(false)).ConfigureAwait(false);
    }
}
