using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>
/// Waits for lifecycle events of one host. An event is expected first and asked for afterwards, so that none can be missed.
/// </summary>
internal sealed class LifecycleWatcher : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Expectation> _expected = [];
    private IAsyncDisposable? _subscription;
    private VirtException? _lost;

    public static async Task<LifecycleWatcher> OpenAsync(VirtHost host, CancellationToken cancel)
    {
        var connection = await host.ConnectionAsync(cancel).ConfigureAwait(false);
        var watcher = new LifecycleWatcher();
        watcher._subscription = await connection.Hypervisor.SubscribeDomainEventsAsync(watcher.Take, cancel)
            .ConfigureAwait(false);
        _ = connection.Closed.ContinueWith(
            reason => watcher.Lose(host.Name, reason.IsCompletedSuccessfully ? reason.GetAwaiter().GetResult() : "it was closed"),
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return watcher;
    }

    /// <summary>Begins to expect an event of a domain; dispose of it to expect it no more.</summary>
    public Expectation Expect(Guid uuid, Func<DomainLifecycleEvent, bool> isIt)
    {
        var expectation = new Expectation(this, uuid, isIt);
        lock (_lock)
        {
            if (_lost is null)
                _expected.Add(expectation);
            else
                expectation.Fail(_lost);
        }

        return expectation;
    }

    public ValueTask DisposeAsync() => _subscription?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void Take(DomainLifecycleEvent happened)
    {
        Expectation[] met;
        lock (_lock)
        {
            met = [.. _expected.Where(expectation => expectation.IsMetBy(happened))];
            foreach (Expectation expectation in met)
                _expected.Remove(expectation);
        }

        foreach (Expectation expectation in met)
            expectation.Meet(happened);
    }

    private void Lose(string host, string reason)
    {
        var lost = VirtException.Create(
            VirtErrorCode.RpcError, $"the connection to {host} was lost while waiting: {reason}", host,
            "The request may have been carried out; Get-VirtDomain shows the state.");
        Expectation[] open;
        lock (_lock)
        {
            _lost = lost;
            open = [.. _expected];
            _expected.Clear();
        }

        foreach (Expectation expectation in open)
            expectation.Fail(lost);
    }

    private void Forget(Expectation expectation)
    {
        lock (_lock)
            _expected.Remove(expectation);
    }

    /// <summary>One event that somebody waits for.</summary>
    internal sealed class Expectation(LifecycleWatcher watcher, Guid uuid, Func<DomainLifecycleEvent, bool> isIt) : IDisposable
    {
        private readonly TaskCompletionSource<DomainLifecycleEvent> _met = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The event; a <see cref="TimeoutException"/> when it does not come in time.</summary>
        public Task<DomainLifecycleEvent> WaitAsync(TimeSpan timeout, CancellationToken cancel) =>
            _met.Task.WaitAsync(timeout, cancel);

        public bool IsMetBy(DomainLifecycleEvent happened) => happened.Domain.Uuid == uuid && isIt(happened);

        public void Meet(DomainLifecycleEvent happened) => _met.TrySetResult(happened);

        public void Fail(VirtException failure) => _met.TrySetException(failure);

        public void Dispose()
        {
            watcher.Forget(this);
            _met.TrySetCanceled();
        }
    }
}
