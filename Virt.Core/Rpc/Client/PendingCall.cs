using System.Threading.Tasks.Sources;
using Virt.Rpc.Packing;
using Virt.Rpc.Streams;

namespace Virt.Rpc;

/// <summary>
/// A call that waits for its reply. Whoever takes it out of the client's map (a reply, a cancel, the end of the connection) is
/// the only one to settle it; executing it lets the caller go on.
/// </summary>
internal abstract class PendingCall(RpcClient client, ProcedureId procedure) : IThreadPoolWorkItem, IFrameOrigin
{
    private CancellationTokenRegistration _registration;
    private bool _settled;
    private volatile bool _sent;

    public RpcClient Client { get; } = client;

    public int Serial { get; set; }

    public ProcedureId Procedure { get; } = procedure;

    /// <summary>The events that belong to it, when it is a subscribing call.</summary>
    public virtual Subscription? Subscription => null;

    /// <summary>The stream that its reply opens, when it is a call for one.</summary>
    public virtual RpcStream? Stream => null;

    public CancellationToken Cancel { get; private set; }

    /// <summary>Whether the peer may have got the call.</summary>
    public bool IsSent => _sent;

    public void OnWriting() => _sent = true;

    /// <summary>Decodes the result; the caller does not go on yet.</summary>
    public abstract void SetResult(ref PackReader reader);

    /// <summary>Keeps the error; the caller does not go on yet.</summary>
    public abstract void SetError(Exception error);

    /// <summary>Lets the caller go on.</summary>
    public abstract void Execute();

    /// <summary>Watches the caller's token until the call is settled.</summary>
    public void Watch(Action<object?> onCancel, CancellationToken cancel)
    {
        if (!cancel.CanBeCanceled)
            return;
        Cancel = cancel;
        CancellationTokenRegistration registration = cancel.UnsafeRegister(onCancel, this);
        lock (this)
        {
            if (!_settled)
            {
                _registration = registration;
                return;
            }
        }

        registration.Unregister();
    }

    /// <summary>The call is out of the map; its token is not watched any more.</summary>
    public void Settle()
    {
        lock (this)
            _settled = true;
        _registration.Unregister();
    }
}

/// <summary>A pending call with the type of its result; it is the source of the task its caller awaits.</summary>
internal class PendingCall<TResult>(RpcClient client, ProcedureId procedure, WireReader<TResult>? read)
    : PendingCall(client, procedure), IValueTaskSource<TResult>, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<TResult> _source;
    private TResult? _result;
    private Exception? _error;

    public ValueTask<TResult> Task => new(this, _source.Version);

    public ValueTask EmptyTask => new(this, _source.Version);

    public override void SetResult(ref PackReader reader)
    {
        if (read is not null)
            _result = read(ref reader);
    }

    public override void SetError(Exception error) => _error = error;

    public override void Execute()
    {
        if (_error is null)
            _source.SetResult(_result!);
        else
            _source.SetException(_error);
    }

    public TResult GetResult(short token) => _source.GetResult(token);

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}

/// <summary>A call that subscribes.</summary>
internal sealed class PendingSubscription(RpcClient client, ProcedureId procedure, Subscription subscription)
    : PendingCall<object?>(client, procedure, null)
{
    public override Subscription? Subscription => subscription;
}

/// <summary>A call that opens a stream.</summary>
internal sealed class PendingStream(RpcClient client, ProcedureId procedure, RpcStream stream)
    : PendingCall<object?>(client, procedure, null)
{
    public override RpcStream? Stream => stream;
}
