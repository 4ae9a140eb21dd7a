using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Virt.Domains;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>Hands lifecycle events to all who subscribed; those of one domain in their order.</summary>
internal sealed class DomainEvents(ILogger logger)
{
    private ImmutableArray<Subscription> _subscriptions = [];

    /// <summary>Calls the handler for each event until the result is disposed.</summary>
    public IAsyncDisposable Subscribe(Action<DomainLifecycleEvent> handler)
    {
        var subscription = new Subscription(this, handler);
        ImmutableInterlocked.Update(ref _subscriptions, list => list.Add(subscription));
        return subscription;
    }

    /// <summary>Hands out an event. The caller holds the domain's lock, which keeps the order.</summary>
    public void Publish(DomainEventKind kind, DomainEventDetail detail, DomainRecord domain)
    {
        var lifecycle = new DomainLifecycleEvent(kind, detail, DateTimeOffset.UtcNow, domain);
        foreach (Subscription subscription in _subscriptions)
        {
            try
            {
                subscription.Handler(lifecycle);
            }
            catch (Exception failed)
            {
                QemuLog.SubscriberFailed(logger, failed.Message);
            }
        }
    }

    private sealed class Subscription(DomainEvents events, Action<DomainLifecycleEvent> handler) : IAsyncDisposable
    {
        public Action<DomainLifecycleEvent> Handler => handler;

        public ValueTask DisposeAsync()
        {
            ImmutableInterlocked.Update(ref events._subscriptions, list => list.Remove(this));
            return ValueTask.CompletedTask;
        }
    }
}
