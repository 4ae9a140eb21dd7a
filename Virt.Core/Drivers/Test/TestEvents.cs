using System.Collections.Concurrent;
using System.Collections.Immutable;
using Virt.Domains;

namespace Virt.Drivers.Test;

/// <summary>
/// The events of a host. They are posted under the lock of their domain, which fixes their order, and delivered by whoever
/// comes out of the locks first, one at a time.
/// </summary>
internal sealed class TestEvents
{
    private readonly ConcurrentQueue<(DomainLifecycleEvent Event, ImmutableArray<Subscription> To)> _queue = [];
    private ImmutableArray<Subscription> _subscriptions = [];
    private int _delivering;

    public void Post(DomainLifecycleEvent happened)
    {
        if (_subscriptions is { IsEmpty: false } to)
            _queue.Enqueue((happened, to));
    }

    /// <summary>Calls the handlers; to be called without a lock held. A handler that calls back does not nest.</summary>
    public void Deliver()
    {
        while (!_queue.IsEmpty && Interlocked.Exchange(ref _delivering, 1) == 0)
        {
            try
            {
                while (_queue.TryDequeue(out (DomainLifecycleEvent Event, ImmutableArray<Subscription> To) item))
                {
                    foreach (Subscription subscription in item.To)
                        subscription.Call(item.Event);
                }
            }
            finally
            {
                Interlocked.Exchange(ref _delivering, 0);
            }
        }
    }

    /// <summary>Calls the handler from the next event on; <paramref name="ended"/> is told when the subscription ends.</summary>
    public IAsyncDisposable Subscribe(Action<DomainLifecycleEvent> handler, Action<IAsyncDisposable> ended)
    {
        var subscription = new Subscription(this, handler, ended);
        ImmutableInterlocked.Update(ref _subscriptions, static (all, added) => all.Add(added), subscription);
        return subscription;
    }

    private sealed class Subscription(TestEvents events, Action<DomainLifecycleEvent> handler, Action<IAsyncDisposable> ended) : IAsyncDisposable
    {
        private volatile bool _ended;

        public void Call(DomainLifecycleEvent happened)
        {
            if (_ended)
                return;
            try
            {
                handler(happened);
            }
            catch (Exception)
            {
                // One subscriber's failure is neither the caller's nor the other subscribers'.
            }
        }

        public ValueTask DisposeAsync()
        {
            _ended = true;
            ImmutableInterlocked.Update(ref events._subscriptions, static (all, removed) => all.Remove(removed), this);
            ended(this);
            return ValueTask.CompletedTask;
        }
    }
}
