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

    internal VirtEventSource(Func<DomainLifecycleEvent, bool> wanted) => _wanted = wanted;

    /// <summary>Raised for each lifecycle event that is wanted.</summary>
    public event EventHandler<VirtDomainEventArgs> Lifecycle
    {
        add
        {
            lock (_lock)
                _handlers += value;
        }

        remove
        {
            bool last;
            lock (_lock)
            {
                _handlers -= value;
                last = _handlers is null;
            }

            if (last)
                _ = CloseAsync();
        }
    }

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
        handlers?.Invoke(this, new VirtDomainEventArgs(host, happened, missed));
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
