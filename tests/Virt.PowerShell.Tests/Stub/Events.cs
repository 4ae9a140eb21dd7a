using System.Collections.Concurrent;
using System.Reflection;

namespace System.Management.Automation;

/// <summary>Subscribes to events as the engine does: a handler added by name, which starts a task for each event.</summary>
public sealed class PSEventManager
{
    private readonly ConcurrentDictionary<PSEventSubscriber, Delegate> _subscribers = [];

    public IEnumerable<PSEventSubscriber> Subscribers => _subscribers.Keys;

    /// <summary>What Get-Event would show.</summary>
    public ConcurrentQueue<PSEventArgs> ReceivedEvents { get; } = [];

    /// <summary>Called before an event is received, as an engine that is busy or runs an action.</summary>
    public Action<PSEventArgs> Receiving { get; set; } = _ => { };

    public PSEventSubscriber SubscribeEvent(
        object source, string eventName, string sourceIdentifier, PSObject? data, ScriptBlock? action, bool supportEvent,
        bool forwardEvent, int maxTriggerCount)
    {
        var subscriber = new PSEventSubscriber(source, eventName, sourceIdentifier);
        EventInfo found = source.GetType().GetEvent(eventName)!;
        Action<object?, EventArgs> raise = (sender, args) =>
            _ = Task.Run(() => GenerateEvent(sourceIdentifier, sender!, [sender, args], data, true, false));
        var handler = Delegate.CreateDelegate(found.EventHandlerType!, raise.Target, raise.Method);
        found.AddEventHandler(source, handler);
        _subscribers[subscriber] = handler;
        return subscriber;
    }

    public void UnsubscribeEvent(PSEventSubscriber subscriber)
    {
        if (_subscribers.TryRemove(subscriber, out Delegate? handler))
            subscriber.SourceObject.GetType().GetEvent(subscriber.EventName)!.RemoveEventHandler(subscriber.SourceObject, handler);
    }

    public IEnumerable<PSEventSubscriber> GetEventSubscribers(string sourceIdentifier) =>
        Subscribers.Where(one => one.SourceIdentifier.Equals(sourceIdentifier, StringComparison.OrdinalIgnoreCase));

    public PSEventArgs GenerateEvent(
        string sourceIdentifier, object sender, object?[] args, PSObject? extraData, bool processInCurrentThread,
        bool waitForCompletionInCurrentThread)
    {
        var generated = new PSEventArgs(sourceIdentifier, sender, args.OfType<EventArgs>().FirstOrDefault(), extraData);
        Receiving(generated);
        ReceivedEvents.Enqueue(generated);
        return generated;
    }
}

public sealed record PSEventArgs(string SourceIdentifier, object Sender, EventArgs? SourceEventArgs, PSObject? MessageData);

public sealed class PSEventSubscriber(object source, string eventName, string sourceIdentifier)
{
    public object SourceObject { get; } = source;

    public string EventName { get; } = eventName;

    public string SourceIdentifier { get; } = sourceIdentifier;
}
