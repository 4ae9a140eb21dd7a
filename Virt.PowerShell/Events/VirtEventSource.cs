using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>
/// Where the engine's events come from. It subscribes at the hosts when it is opened; when the engine takes its last handler
/// away (Unregister-Event), the subscriptions end.
/// </summary>
public sealed class VirtEventSource
{
    private readonly Func<DomainLifecycleEvent, bool> _wanted;
    private readonly Lock _lock = new();
    private readonly List<HostSubscription> _subscriptions = [];
    private EventHandler<VirtDomainEventArgs>? _handlers;
    private EngineQueue? _engine;

    internal VirtEventSource(Func<DomainLifecycleEvent, bool> wanted) => _wanted = wanted;

    /// <summary>Raised for each lifecycle event that is wanted; those of one host one at a time and in their order.</summary>
    public event EventHandler<VirtDomainEventArgs> Lifecycle
    {
        add
        {
            lock (_lock)
            {
                if (_engine?.Attach(value) != true)
                    _handlers += value;
            }
        }

        remove
        {
            bool last;
            lock (_lock)
            {
                if (_engine?.Detach(value) != true)
                    _handlers -= value;
                last = _handlers is null && _engine is not { Attached: true };
            }

            if (last)
                _ = CloseAsync();
        }
    }

    /// <summary>The next handler that is added is the engine's, which receives its events through this queue.</summary>
    internal void UseEngine(EngineQueue engine) => _engine = engine;

    internal async Task OpenAsync(IReadOnlyList<VirtHost> hosts, CancellationToken cancel)
    {
        try
        {
            foreach (VirtHost host in hosts)
            {
                var subscription = new HostSubscription(host, new Follower(this, host));
                lock (_lock)
                    _subscriptions.Add(subscription);
                await subscription.OpenAsync(cancel).ConfigureAwait(false);
            }
        }
        catch
        {
            await CloseAsync().ConfigureAwait(false);
            throw;
        }
    }

    internal async Task CloseAsync()
    {
        HostSubscription[] open;
        lock (_lock)
        {
            open = [.. _subscriptions];
            _subscriptions.Clear();
        }

        foreach (HostSubscription subscription in open)
            await subscription.DisposeAsync().ConfigureAwait(false);
    }

    private void Raise(VirtHost host, DomainLifecycleEvent happened, bool missed)
    {
        if (!_wanted(happened))
            return;
        EventHandler<VirtDomainEventArgs>? handlers;
        lock (_lock)
            handlers = _handlers;
        var raised = new VirtDomainEventArgs(host, happened, missed);
        _engine?.Post(this, raised);
        handlers?.Invoke(this, raised);
    }

    private sealed class Follower(VirtEventSource source, VirtHost host) : IDomainFollower
    {
        private readonly MissedEvents _missed = new();

        public bool WantsDomains => true;

        public void OnEvent(DomainLifecycleEvent happened)
        {
            _missed.Note(happened);
            source.Raise(host, happened, missed: false);
        }

        public void OnDomains(IReadOnlyList<DomainRecord> domains, IReadOnlySet<Guid> told, bool again)
        {
            IReadOnlyList<DomainLifecycleEvent> missed = _missed.Compare(domains, told);
            if (!again)
                return;
            foreach (DomainLifecycleEvent happened in missed)
                source.Raise(host, happened, missed: true);
        }

        public void OnLost(string reason)
        {
            // What is missed meanwhile is raised when the connection is there again.
        }

        public void OnEnded(VirtException reason)
        {
            // The next command that uses the host says so.
        }
    }
}
