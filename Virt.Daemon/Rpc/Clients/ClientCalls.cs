namespace Virt.Daemon.Rpc;

/// <summary>The book of one client's unanswered calls and its subscriptions, by serial. Safe from any thread.</summary>
internal sealed class ClientCalls
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

    /// <summary>Keeps an accepted subscription; false when the client has given it up meanwhile or is gone.</summary>
    public bool TryKeep(IncomingCall call)
    {
        lock (_gate)
            return !_closed && !call.IsCancelled && _subscriptions.TryAdd(call.Serial, call);
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
