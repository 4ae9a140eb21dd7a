using System.Management.Automation;
using System.Threading.Channels;

namespace Virt.PowerShell;

/// <summary>
/// Hands the events of one subscription to PowerShell's engine in their order. The handler that the engine attaches starts a task
/// for each event, so that events could overtake each other; it only marks here that the engine listens.
/// </summary>
/// <param name="engine">The engine of the runspace that subscribes.</param>
/// <param name="identifier">The name of the subscription.</param>
/// <param name="data">What each event carries along.</param>
/// <param name="limit">The number of events that are wanted; 0 for all.</param>
internal sealed class EngineQueue(PSEventManager engine, string identifier, PSObject? data, int limit)
{
    private readonly Channel<(VirtEventSource Sender, VirtDomainEventArgs Event)> _events =
        Channel.CreateUnbounded<(VirtEventSource, VirtDomainEventArgs)>(new UnboundedChannelOptions { SingleReader = true });

    private volatile EventHandler<VirtDomainEventArgs>? _handler;
    private bool _begun;

    /// <summary>Whether the engine listens.</summary>
    public bool Attached => _handler is not null;

    /// <summary>Takes the engine's handler, which is the first that comes, and begins; false for all others.</summary>
    public bool Attach(EventHandler<VirtDomainEventArgs> handler)
    {
        if (_begun)
            return false;
        _begun = true;
        _handler = handler;
        _ = Task.Run(DeliverAsync);
        return true;
    }

    /// <summary>Ends: what was not handed over by now never is. False when the handler is not the engine's.</summary>
    public bool Detach(EventHandler<VirtDomainEventArgs> handler)
    {
        if (_handler is null || _handler != handler)
            return false;
        _handler = null;
        _events.Writer.TryComplete();
        return true;
    }

    /// <summary>Queues an event, when the engine listens.</summary>
    public void Post(VirtEventSource sender, VirtDomainEventArgs happened)
    {
        if (Attached)
            _events.Writer.TryWrite((sender, happened));
    }

    private async Task DeliverAsync()
    {
        int delivered = 0;
        await foreach ((VirtEventSource sender, VirtDomainEventArgs happened) in _events.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (!Attached)
                return;
            try
            {
                // An idle engine runs the action here and now, on this thread.
                engine.GenerateEvent(
                    identifier, sender, [sender, happened], data, processInCurrentThread: true,
                    waitForCompletionInCurrentThread: false);
            }
            catch (Exception)
            {
                // A receiver's failure, or a runspace on its way out, is not the next event's.
            }

            // The engine counts too, but would keep what comes before the last action has run as events that nobody asked for.
            if (++delivered == limit)
            {
                _events.Writer.TryComplete();
                return;
            }
        }
    }
}
