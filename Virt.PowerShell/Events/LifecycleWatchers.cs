using System.Diagnostics;

namespace Virt.PowerShell;

/// <summary>The watchers of one command: one subscription per host, opened when it is first needed.</summary>
internal sealed class LifecycleWatchers(VirtCommand command) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<VirtHost, Task<LifecycleWatcher>> _watchers = [];

    public Task<LifecycleWatcher> ForAsync(VirtHost host)
    {
        lock (_lock)
        {
            if (!_watchers.TryGetValue(host, out Task<LifecycleWatcher>? watcher))
                _watchers.Add(host, watcher = OpenAsync(host));
            return watcher;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task<LifecycleWatcher>[] watchers;
        lock (_lock)
        {
            watchers = [.. _watchers.Values];
            _watchers.Clear();
        }

        foreach (Task<LifecycleWatcher> opening in watchers)
        {
            try
            {
                await (await opening.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception)
            {
                // It never opened, or its connection is gone; who waited for it has been told.
            }
        }
    }

    private async Task<LifecycleWatcher> OpenAsync(VirtHost host)
    {
        long start = Stopwatch.GetTimestamp();
        LifecycleWatcher watcher = await LifecycleWatcher.OpenAsync(host, command.Warn, command.StopToken).ConfigureAwait(false);
        command.Verbose($"{host.Name}: SubscribeDomainEvents took {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0.0} ms");
        return watcher;
    }
}
