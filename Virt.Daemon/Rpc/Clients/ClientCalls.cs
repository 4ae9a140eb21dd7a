using Virt.Errors;

namespace Virt.Daemon.Rpc;

/// <summary>The book of one client's unanswered calls and its subscriptions, by serial. Safe from any thread.</summary>
/// <param name="subscriptions">How many subscriptions it may have.</param>
internal sealed class ClientCalls(int subscriptions)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, IncomingCall> _calls = [];
    private readonly Dictionary<int, IncomingCall> _subscriptions = [];
    private long _argumentBytes;
    private TaskCompletionSource? _idle;
    private bool _draining;
    private bool _closed;

    /// <summary>The calls that are not answered yet.</summary>
    public int InFlight
    {
        get
        {
            lock (_gate)
                return _calls.Count;
        }
    }

    /// <summary>The arguments of the calls that are not answered yet, in bytes as they came.</summary>
    public long ArgumentBytes
    {
        get
        {
            lock (_gate)
                return _argumentBytes;
        }
    }

    /// <summary>The calls and the subscriptions.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _calls.Count + _subscriptions.Count;
        }
    }

    /// <summary>Whether no more calls are taken.</summary>
    public bool IsDraining
    {
        get
        {
            lock (_gate)
                return _draining;
        }
    }

    /// <summary>Each call and subscription has a serial of its own; a peer that mixes them up is not spoken to any further.</summary>
    /// <exception cref="InvalidDataException">The serial is in use.</exception>
    public void CheckSerial(int serial)
    {
        lock (_gate)
        {
            if (_calls.ContainsKey(serial) || _subscriptions.ContainsKey(serial))
                throw new InvalidDataException($"serial {serial} belongs to another call");
        }
    }

    /// <summary>Keeps a call that takes longer; one of a client that is gone is cancelled at once.</summary>
    public void Add(IncomingCall call)
    {
        bool late;
        lock (_gate)
        {
            _calls.Add(call.Serial, call);
            _argumentBytes += call.ArgumentBytes;
            late = _closed;
        }

        if (late)
            _ = call.CancelAsync();
    }

    /// <summary>A call has been answered.</summary>
    public void Remove(IncomingCall call)
    {
        lock (_gate)
        {
            if (_calls.Remove(call.Serial))
                _argumentBytes -= call.ArgumentBytes;
            if (_calls.Count == 0)
                _idle?.TrySetResult();
        }
    }

    /// <summary>Checks that there is room for one more subscription.</summary>
    /// <exception cref="VirtException">The client has too many.</exception>
    public void CheckSubscriptions()
    {
        lock (_gate)
        {
            if (_subscriptions.Count >= subscriptions)
            {
                throw VirtException.Create(
                    VirtErrorCode.ResourceLimit, $"this client has {subscriptions} subscriptions, and that is the daemon's limit",
                    recommendedAction: "End those that are not needed (Unregister-Event), or raise limits.subscriptionsPerClient in virtd.json.");
            }
        }
    }

    /// <summary>Keeps an accepted subscription.</summary>
    /// <exception cref="OperationCanceledException">The client has given it up meanwhile or is gone.</exception>
    public void Keep(IncomingCall call)
    {
        lock (_gate)
        {
            if (_closed || call.IsCancelled)
                throw new OperationCanceledException(call.Cancel);
            if (!_subscriptions.TryAdd(call.Serial, call))
                throw new OperationCanceledException(call.Cancel);
        }
    }

    /// <summary>The client gives up what has this serial; what is not there has been answered already.</summary>
    /// <returns>The call to cancel, and the subscription to end, if any.</returns>
    public (IncomingCall? Call, IncomingCall? Subscription) GiveUp(int serial)
    {
        lock (_gate)
        {
            _subscriptions.Remove(serial, out IncomingCall? subscription);
            if (_calls.TryGetValue(serial, out IncomingCall? call))
                call.MarkCancelled();
            return (call, subscription);
        }
    }

    /// <summary>Takes no more calls; completes when those in flight have ended.</summary>
    public Task DrainAsync()
    {
        lock (_gate)
        {
            _draining = true;
            return Idle();
        }
    }

    /// <summary>The client is gone: takes out all there is.</summary>
    /// <returns>The calls to cancel, the subscriptions to end, and what completes when the calls have ended.</returns>
    public (IncomingCall[] Calls, IncomingCall[] Subscriptions, Task Idle) Close()
    {
        lock (_gate)
        {
            _closed = true;
            IncomingCall[] subscriptions = [.. _subscriptions.Values];
            _subscriptions.Clear();
            return ([.. _calls.Values], subscriptions, Idle());
        }
    }

    private Task Idle()
    {
        if (_calls.Count == 0)
            return Task.CompletedTask;
        _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _idle.Task;
    }
}
