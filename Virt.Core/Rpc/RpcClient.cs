using Virt.Errors;
using Virt.Rpc.Packing;

namespace Virt.Rpc;

/// <summary>
/// The calling side of a connection: any number of calls at once, matched to their replies by serial, subscriptions and streams.
/// A reply is decoded on the receive loop; the caller goes on elsewhere, so no caller holds up another.
/// </summary>
public sealed partial class RpcClient : IRpcCaller, IFrameHandler, IAsyncDisposable
{
    // Not a lambda in the generic method that has use for it, which would be another one for each kind of arguments.
    private static readonly Action<object?> Cancelled = static state => ((PendingCall)state!).Client.OnCancel((PendingCall)state!);

    private readonly RpcConnection _connection;
    private readonly Action<Exception>? _report;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, PendingCall> _pending = [];
    private readonly Dictionary<int, Subscription> _subscriptions = [];

    // Calls that their callers have given up; the answers may still come.
    private readonly Dictionary<int, PendingCall> _abandoned = [];
    private int _lastSerial;
    private PendingCall? _deferred;

    /// <summary>Takes the stream over and begins to receive.</summary>
    /// <param name="stream">The connected transport.</param>
    /// <param name="options">How the connection behaves.</param>
    /// <param name="report">Is told what has no caller to be thrown at: failures of event handlers.</param>
    public RpcClient(Stream stream, RpcConnectionOptions? options = null, Action<Exception>? report = null)
    {
        _report = report;
        _connection = new RpcConnection(stream, this, options ?? new());
        _connection.Start();
    }

    /// <summary>Completes with the reason when the connection has ended.</summary>
    public Task<string> Closed => _connection.Closed;

    /// <summary>Takes frames of the full length from now on: both sides are authenticated.</summary>
    public void AcceptLargeFrames() => _connection.AcceptLargeFrames();

    /// <summary>The same connection for calls that have to be answered within a time.</summary>
    public IRpcCaller WithTimeout(TimeSpan timeout) => new TimedCaller(this, timeout);

    /// <inheritdoc/>
    public ValueTask<TResult> CallAsync<TArguments, TResult>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, WireReader<TResult> readResult,
        CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(readResult);
        PendingCall<TResult> call = new(this, procedure, readResult);
        return Send(call, arguments, writeArguments, cancel) is { } error ? ValueTask.FromException<TResult>(error) : call.Task;
    }

    /// <inheritdoc/>
    public ValueTask CallAsync<TArguments>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, CancellationToken cancel)
    {
        PendingCall<object?> call = new(this, procedure, null);
        return Send(call, arguments, writeArguments, cancel) is { } error ? ValueTask.FromException(error) : call.EmptyTask;
    }

    /// <inheritdoc/>
    public async ValueTask<IAsyncDisposable> SubscribeAsync<TArguments, TEvent>(
        ProcedureId procedure, TArguments arguments, WireWriter<TArguments> writeArguments, WireReader<TEvent> readEvent,
        Action<TEvent> handler, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(readEvent);
        ArgumentNullException.ThrowIfNull(handler);
        Subscription<TEvent> subscription = new(this, procedure, readEvent, handler);
        PendingSubscription call = new(this, procedure, subscription);
        try
        {
            if (Send(call, arguments, writeArguments, cancel) is { } error)
                throw error;
            await call.EmptyTask.ConfigureAwait(false);
            return subscription;
        }
        catch
        {
            Forget(subscription);
            await subscription.EndAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <inheritdoc/>
    void IFrameHandler.OnFrame(in FrameHeader header, ReadOnlyMemory<byte> body)
    {
        ReleaseDeferred();
        switch (header.Type)
        {
            case FrameType.Reply:
                OnReply(header, body);
                break;
            case FrameType.Event:
                OnEvent(header, body);
                break;
            case FrameType.Stream:
                OnStream(header, body);
                break;
            case FrameType.Call:
                ErrorRecord error = new(VirtErrorCode.RpcError, "this side of the connection answers no calls");
                _connection.Send(header.Reply(FrameStatus.Error), error, ErrorRecordCodec.Write);
                break;
            default:
                throw new InvalidDataException($"a client takes no frame of type {header.Type}");
        }
    }

    /// <inheritdoc/>
    IThreadPoolWorkItem? IFrameHandler.TakeDeferred()
    {
        PendingCall? call = _deferred;
        _deferred = null;
        return call;
    }

    /// <inheritdoc/>
    void IFrameHandler.OnClosed(string reason)
    {
        PendingCall[] calls;
        lock (_gate)
        {
            calls = [.. _pending.Values];
            _pending.Clear();
            _subscriptions.Clear();
            _abandoned.Clear();
        }

        EndStreams();

        foreach (PendingCall call in calls)
        {
            call.Settle();
            call.SetError(LostCall.Of(call.Procedure, call.IsSent, reason));
            ThreadPool.UnsafeQueueUserWorkItem(call, preferLocal: false);
        }
    }

    /// <summary>Ends a subscription here and at the far side.</summary>
    internal void Unsubscribe(Subscription subscription)
    {
        if (Forget(subscription))
            _connection.TrySend(new FrameHeader(subscription.Procedure, FrameType.Cancel, subscription.Serial));
    }

    /// <summary>Tells whoever listens about a failure that no caller waits for.</summary>
    internal void Report(Exception failure) => _report?.Invoke(failure);

    private Exception? Send<TArguments>(
        PendingCall call, TArguments arguments, WireWriter<TArguments> writeArguments, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested)
            return new OperationCanceledException(cancel);
        Register(call);
        try
        {
            // When the end of the connection has settled the call already, its task tells.
            if (!_connection.TrySend(new FrameHeader(call.Procedure, FrameType.Call, call.Serial), arguments, writeArguments, call))
                return TryTake(call.Serial) is null ? null : LostCall.Of(call.Procedure, sent: false, _connection.CloseReason ?? "closed");
        }
        catch (Exception e)
        {
            return TryTake(call.Serial) is null ? null : e;
        }

        call.Watch(Cancelled, cancel);
        return null;
    }

    private void OnCancel(PendingCall call)
    {
        if (!Abandon(call))
            return;
        if (call.Subscription is { } subscription)
            Forget(subscription);
        _connection.TrySend(new FrameHeader(call.Procedure, FrameType.Cancel, call.Serial));
        call.SetError(new OperationCanceledException(call.Cancel));
        ThreadPool.UnsafeQueueUserWorkItem(call, preferLocal: false);
    }

    private void OnReply(in FrameHeader header, ReadOnlyMemory<byte> body)
    {
        if (TryTake(header.Serial) is not { } call)
        {
            Forgive(header.Serial);
            return;
        }

        try
        {
            PackReader reader = new(body);
            if (header.Status == FrameStatus.Error)
                call.SetError(ErrorRecordCodec.Read(ref reader).ToException());
            else if ((header.Status == FrameStatus.Continue) != (call.Stream is not null))
                Mismatch(call, header);
            else
                call.SetResult(ref reader);
        }
        catch (Exception e)
        {
            call.SetError(VirtException.Create(
                VirtErrorCode.RpcError, $"the reply cannot be read: {e.Message}", innerException: e,
                recommendedAction: "Check that client and daemon are of matching versions."));
        }

        _deferred = call;
    }

    private void OnEvent(in FrameHeader header, ReadOnlyMemory<byte> body)
    {
        Subscription? subscription;
        lock (_gate)
            _subscriptions.TryGetValue(header.Serial, out subscription);
        PackReader reader = new(body);
        try
        {
            if (subscription?.TryAdd(ref reader) == false)
                _connection.Abort($"an event handler is too slow: {RpcLimits.QueuedEvents} events wait for it");
        }
        catch (PackException e)
        {
            throw new InvalidDataException($"an event cannot be read: {e.Message}", e);
        }
    }

    private void Register(PendingCall call)
    {
        lock (_gate)
        {
            do
                _lastSerial = _lastSerial == int.MaxValue ? 1 : _lastSerial + 1;
            while (_pending.ContainsKey(_lastSerial) || _abandoned.ContainsKey(_lastSerial) || _subscriptions.ContainsKey(_lastSerial) || _streams.ContainsKey(_lastSerial));

            call.Serial = _lastSerial;
            _pending.Add(call.Serial, call);
            if (call.Stream is { } stream)
                Register(stream, call.Serial);
            if (call.Subscription is not { } subscription)
                return;
            subscription.Serial = call.Serial;
            _subscriptions.Add(subscription.Serial, subscription);
        }
    }

    private PendingCall? TryTake(int serial)
    {
        lock (_gate)
        {
            if (!_pending.Remove(serial, out PendingCall? call))
                return null;
            call.Settle();
            return call;
        }
    }

    /// <summary>The caller does not wait any more; false when the call is settled already.</summary>
    private bool Abandon(PendingCall call)
    {
        lock (_gate)
        {
            if (!_pending.Remove(call.Serial))
                return false;
            _abandoned.Add(call.Serial, call);
            call.Settle();
            return true;
        }
    }

    /// <summary>A reply that nobody waits for is late. Others would keep the connection alive while no call is answered.</summary>
    /// <exception cref="InvalidDataException">No call had this serial.</exception>
    private void Forgive(int serial)
    {
        lock (_gate)
        {
            if (!_abandoned.Remove(serial))
                throw new InvalidDataException($"a reply to the call {serial}, which waits for none");
        }
    }

    private bool Forget(Subscription subscription)
    {
        lock (_gate)
            return _subscriptions.Remove(subscription.Serial);
    }

    private void ReleaseDeferred()
    {
        if (_deferred is not { } call)
            return;
        _deferred = null;
        ThreadPool.UnsafeQueueUserWorkItem(call, preferLocal: false);
    }
}
