using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>
/// Waits for lifecycle events of one host. An event is expected first and asked for afterwards, so that none can be missed; after
/// a loss of the connection the domain's state tells whether it has come meanwhile.
/// </summary>
internal sealed class LifecycleWatcher : IDomainFollower, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Expectation> _expected = [];
    private readonly VirtHost _host;
    private readonly Action<string> _warn;
    private readonly HostSubscription _subscription;
    private VirtException? _ended;

    private LifecycleWatcher(VirtHost host, Action<string> warn)
    {
        _host = host;
        _warn = warn;
        _subscription = new HostSubscription(host, this);
    }

    bool IDomainFollower.WantsDomains => false;

    /// <summary>Begins to watch a host.</summary>
    /// <param name="host">The host.</param>
    /// <param name="warn">Is told when the connection is lost while something is waited for.</param>
    /// <param name="cancel">Ends the attempt.</param>
    public static async Task<LifecycleWatcher> OpenAsync(VirtHost host, Action<string> warn, CancellationToken cancel)
    {
        var watcher = new LifecycleWatcher(host, warn);
        await watcher._subscription.OpenAsync(cancel).ConfigureAwait(false);
        return watcher;
    }

    /// <summary>Begins to expect an event of a domain; dispose of it to expect it no more.</summary>
    public Expectation Expect(VirtDomain domain, Func<DomainLifecycleEvent, bool> isIt)
    {
        var expectation = new Expectation(this, domain.Record, isIt);
        lock (_lock)
        {
            if (_ended is null)
                _expected.Add(expectation);
            else
                expectation.Fail(_ended);
        }

        return expectation;
    }

    public ValueTask DisposeAsync() => _subscription.DisposeAsync();

    void IDomainFollower.OnEvent(DomainLifecycleEvent happened) =>
        Meet(expectation => expectation.Domain.Uuid == happened.Domain.Uuid ? [happened] : []);

    void IDomainFollower.OnDomains(IReadOnlyList<DomainRecord> domains, IReadOnlySet<Guid> told, bool again)
    {
        Dictionary<Guid, DomainRecord> now = domains.ToDictionary(domain => domain.Uuid);
        Meet(expectation => MissedEvents.LeadingTo(now.GetValueOrDefault(expectation.Domain.Uuid), expectation.Domain));
    }

    void IDomainFollower.OnLost(string reason)
    {
        bool waiting;
        lock (_lock)
            waiting = _expected.Count > 0;
        if (waiting)
            _warn($"The connection to {_host.Name} was lost ({reason}); the wait goes on when it can be opened again.");
    }

    void IDomainFollower.OnEnded(VirtException reason)
    {
        var ended = VirtException.Create(
            reason.Code, $"the connection to {_host.Name} was lost while waiting: {reason.Message}", _host.Name,
            "The request may have been carried out; connect again and look with Get-VirtDomain.", reason);
        Expectation[] open;
        lock (_lock)
        {
            _ended = ended;
            open = [.. _expected];
            _expected.Clear();
        }

        foreach (Expectation expectation in open)
            expectation.Fail(ended);
    }

    private void Meet(Func<Expectation, IEnumerable<DomainLifecycleEvent>> eventsFor)
    {
        List<(Expectation Expectation, DomainLifecycleEvent Happened)> met = [];
        lock (_lock)
        {
            foreach (Expectation expectation in _expected)
            {
                if (eventsFor(expectation).FirstOrDefault(expectation.IsMetBy) is { } happened)
                    met.Add((expectation, happened));
            }

            foreach ((Expectation expectation, _) in met)
                _expected.Remove(expectation);
        }

        foreach ((Expectation expectation, DomainLifecycleEvent happened) in met)
            expectation.Meet(happened);
    }

    private void Forget(Expectation expectation)
    {
        lock (_lock)
            _expected.Remove(expectation);
    }

    /// <summary>One event that somebody waits for.</summary>
    internal sealed class Expectation(LifecycleWatcher watcher, DomainRecord domain, Func<DomainLifecycleEvent, bool> isIt) : IDisposable
    {
        private readonly TaskCompletionSource<DomainLifecycleEvent> _met = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The domain as it was when the event began to be expected.</summary>
        public DomainRecord Domain => domain;

        /// <summary>The event; a <see cref="TimeoutException"/> when it does not come in time.</summary>
        public Task<DomainLifecycleEvent> WaitAsync(TimeSpan timeout, CancellationToken cancel) =>
            _met.Task.WaitAsync(timeout, cancel);

        public bool IsMetBy(DomainLifecycleEvent happened) => isIt(happened);

        public void Meet(DomainLifecycleEvent happened) => _met.TrySetResult(happened);

        public void Fail(VirtException failure) => _met.TrySetException(failure);

        public void Dispose()
        {
            watcher.Forget(this);
            _met.TrySetCanceled();
        }
    }
}
