using Microsoft.Extensions.Logging;
using Virt.Errors;
using Virt.Rpc;

namespace Virt.Daemon.Rpc;

/// <summary>
/// One connected peer. Its calls run at the same time: each starts on the receive loop and leaves it with its first wait, so a
/// slow call does not hold a quick one.
/// </summary>
internal sealed class ServerClient : IFrameHandler
{
    private readonly Server _server;
    private readonly ILogger _logger;
    private readonly VirtException? _refusal;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, IncomingCall> _calls = [];
    private readonly Dictionary<int, IncomingCall> _subscriptions = [];
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _idle;
    private string? _closeAfterAnswer;
    private bool _draining;
    private bool _closed;

    /// <summary>Takes a connected transport over.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="server">The server it came to.</param>
    /// <param name="peer">Who is there.</param>
    /// <param name="stream">The transport.</param>
    /// <param name="refusal">What its first call is answered with before it is cut off; null for a welcome client.</param>
    public ServerClient(long id, Server server, Peer peer, Stream stream, VirtException? refusal)
    {
        Id = id;
        Peer = peer;
        _server = server;
        _logger = server.Logger;
        _refusal = refusal;
        _closeAfterAnswer = refusal is null ? null : $"refused: {refusal.Message}";
        Session = new Session(this, server);
        Connection = new RpcConnection(stream, this, server.ConnectionOptions);
    }

    public long Id { get; }

    public Peer Peer { get; }

    public Session Session { get; }

    public RpcConnection Connection { get; }

    public DateTimeOffset ConnectedAt { get; } = DateTimeOffset.UtcNow;

    public bool IsRefused => _refusal is not null;

    /// <summary>Completes when nothing of this client is left.</summary>
    public Task Gone => _gone.Task;

    public int CallsInFlight
    {
        get
        {
            lock (_gate)
                return _calls.Count;
        }
    }

    public void Start()
    {
        if (Session.IsAuthenticated)
            Connection.AcceptLargeFrames();
        if (IsRefused || !Session.IsAuthenticated)
            _ = LimitAuthenticationTimeAsync();
        Connection.Start();
    }

    /// <summary>Lets the calls in flight end, takes no more, and ends the connection.</summary>
    public async Task DrainAsync(string reason, CancellationToken giveUp)
    {
        Task idle = Task.CompletedTask;
        lock (_gate)
        {
            _draining = true;
            if (_calls.Count > 0)
            {
                _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                idle = _idle.Task;
            }
        }

        await idle.WaitAsync(giveUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Connection.CloseAsync(reason, _server.Linger).ConfigureAwait(false);
        await Gone.WaitAsync(giveUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    void IFrameHandler.OnFrame(in FrameHeader header, ReadOnlyMemory<byte> body)
    {
        switch (header.Type)
        {
            case FrameType.Call:
                OnCall(header, body);
                break;
            case FrameType.Cancel:
                OnCancel(header.Serial);
                break;
            default:
                throw new InvalidDataException($"a daemon takes no frame of type {header.Type}");
        }
    }

    void IFrameHandler.OnClosed(string reason)
    {
        RpcLog.Disconnected(_logger, Id, reason);
        _ = CleanUpAsync();
    }

    /// <summary>Sends an event; what fails is logged, as the driver that has the event can do nothing about it.</summary>
    public void SendEvent<TEvent>(in FrameHeader header, TEvent value, WireWriter<TEvent> write)
    {
        try
        {
            Connection.Send(header, value, write);
        }
        catch (Exception e)
        {
            if (Connection.CloseReason is null)
                RpcLog.EventFailed(_logger, Id, e);
        }
    }

    /// <summary>Keeps an accepted subscription; false when the client has given it up meanwhile or is gone.</summary>
    public bool TryKeep(IncomingCall call)
    {
        lock (_gate)
            return !_closed && !call.IsCancelled && _subscriptions.TryAdd(call.Serial, call);
    }

    /// <summary>Ends the connection once the failure that is about to be answered has been sent.</summary>
    public void CloseAfterAnswer(string reason) => _closeAfterAnswer = reason;

    /// <summary>Disposes a subscription in the background.</summary>
    public void DisposeLater(IAsyncDisposable subscription) => _ = DisposeAsync(subscription);

    private void OnCall(in FrameHeader header, ReadOnlyMemory<byte> body)
    {
        IncomingCall call = new(this, header, body);
        Procedure? procedure = null;
        CheckSerial(header.Serial);
        try
        {
            Admit();
            procedure = _server.Procedures.Find(header.Procedure);
            AccessRule.Check(procedure, Peer, Session);
            ValueTask running = procedure.Invoke(Session.Target(procedure), call, call.Cancel);
            call.ReleaseArguments();
            if (!running.IsCompleted)
            {
                lock (_gate)
                    _calls.Add(call.Serial, call);
                _ = FinishAsync(procedure, call, running);
                return;
            }

            running.GetAwaiter().GetResult();
            call.Complete();
        }
        catch (Exception e)
        {
            Fail(procedure, call, e);
        }

        _server.CountCall();
    }

    private void Fail(Procedure? procedure, IncomingCall call, Exception error)
    {
        call.Fail(Explain(error, procedure, call));
        if (_closeAfterAnswer is { } reason)
            _ = Connection.CloseAsync(reason, _server.Linger).AsTask();
    }

    /// <summary>Each call and subscription has a serial of its own; a peer that mixes them up is not spoken to any further.</summary>
    private void CheckSerial(int serial)
    {
        lock (_gate)
        {
            if (_calls.ContainsKey(serial) || _subscriptions.ContainsKey(serial))
                throw new InvalidDataException($"serial {serial} belongs to another call");
        }
    }

    /// <summary>Decides whether one more call is taken.</summary>
    /// <exception cref="VirtException">Not now, or not from this client.</exception>
    private void Admit()
    {
        if (_refusal is not null)
            throw _refusal;

        int inFlight;
        lock (_gate)
        {
            inFlight = _calls.Count + _subscriptions.Count;
            if (_draining)
            {
                throw VirtException.Create(
                    VirtErrorCode.OperationAborted, "the daemon is shutting down", recommendedAction: "Try again when it is back.");
            }
        }

        if (inFlight >= _server.Limits.CallsPerClient)
        {
            throw VirtException.Create(
                VirtErrorCode.ResourceLimit,
                $"this client has {inFlight} unanswered calls and subscriptions, and that is the daemon's limit",
                recommendedAction: "Wait for answers before calling again, or raise limits.callsPerClient in virtd.json.");
        }
    }

    private async Task FinishAsync(Procedure procedure, IncomingCall call, ValueTask running)
    {
        try
        {
            await running.ConfigureAwait(false);
            call.Complete();
        }
        catch (Exception e)
        {
            Fail(procedure, call, e);
        }

        _server.CountCall();
        lock (_gate)
        {
            _calls.Remove(call.Serial);
            if (_calls.Count == 0)
                _idle?.TrySetResult();
        }
    }

    private ErrorRecord Explain(Exception error, Procedure? procedure, IncomingCall call)
    {
        string name = procedure?.Name ?? "unknown procedure";
        ErrorRecord record = error switch
        {
            VirtException => ErrorRecord.From(error),
            OperationCanceledException when call.Cancel.IsCancellationRequested => ErrorRecord.From(error),
            _ => new(
                VirtErrorCode.InternalError, $"virtd failed in {name}: {error.Message}", name,
                "The log of virtd has the details; please report them."),
        };
        if (record.Code == VirtErrorCode.InternalError && error is not VirtException)
            RpcLog.CallBroke(_logger, name, Id, error);
        else
            RpcLog.CallFailed(_logger, name, Id, record.Code, record.Message);
        return record;
    }

    private void OnCancel(int serial)
    {
        IncomingCall? call, subscription;
        lock (_gate)
        {
            _subscriptions.Remove(serial, out subscription);
            if (_calls.TryGetValue(serial, out call))
                call.MarkCancelled();
        }

        // What is not there has been answered already.
        _ = call?.CancelAsync();
        if (subscription is not null)
            EndSubscription(subscription);
    }

    private Task EndSubscription(IncomingCall call)
    {
        call.End();
        return DisposeAsync(call.Subscription!);
    }

    private async Task DisposeAsync(IAsyncDisposable subscription)
    {
        try
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await subscription.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            RpcLog.CleanUpFailed(_logger, Id, "a subscription", e);
        }
    }

    private async Task LimitAuthenticationTimeAsync()
    {
        TimeSpan limit = _server.Limits.AuthenticationTime;
        Task settled = IsRefused ? Gone : Task.WhenAny(Session.Authenticated, Gone);
        await settled.WaitAsync(limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!settled.IsCompleted)
            Connection.Abort(FormattableString.Invariant($"not authenticated within {limit.TotalSeconds:0.###} s"));
    }

    /// <summary>Gives everything back that the client held, after its calls have ended.</summary>
    private async Task CleanUpAsync()
    {
        IncomingCall[] calls, subscriptions;
        Task idle = Task.CompletedTask;
        lock (_gate)
        {
            _closed = true;
            calls = [.. _calls.Values];
            subscriptions = [.. _subscriptions.Values];
            _subscriptions.Clear();
            if (calls.Length > 0)
            {
                _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                idle = _idle.Task;
            }
        }

        await Task.WhenAll(calls.Select(call => call.CancelAsync())).ConfigureAwait(false);
        await Task.WhenAll(subscriptions.Select(EndSubscription)).ConfigureAwait(false);
        await idle.ConfigureAwait(false);
        try
        {
            await Session.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            RpcLog.CleanUpFailed(_logger, Id, "the session", e);
        }

        _server.Remove(this);
        _gone.TrySetResult();
    }
}
