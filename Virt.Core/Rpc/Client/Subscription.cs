using Virt.Errors;
using Virt.Rpc.Packing;

namespace Virt.Rpc;

/// <summary>
/// The client's end of a subscription: events are decoded on the receive loop and handed to the handler one by one, in order, on
/// the thread pool. The first may come before the subscribing call is answered; none comes after disposal has completed.
/// </summary>
internal abstract class Subscription(RpcClient client, ProcedureId procedure) : IAsyncDisposable
{
    public int Serial { get; set; }

    public ProcedureId Procedure { get; } = procedure;

    protected RpcClient Client { get; } = client;

    /// <summary>Decodes an event and queues it; false when too many wait.</summary>
    public abstract bool TryAdd(ref PackReader reader);

    /// <summary>No handler is called from now on; completes when the one that runs has returned.</summary>
    public abstract Task EndAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Unsubscribe(this);
        await EndAsync().ConfigureAwait(false);
    }
}

/// <summary>A subscription with the type of its events.</summary>
internal sealed class Subscription<TEvent>(
    RpcClient client, ProcedureId procedure, WireReader<TEvent> read, Action<TEvent> handler)
    : Subscription(client, procedure), IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly Queue<TEvent> _events = new();
    private TaskCompletionSource? _idle;
    private int _handlerThread;
    private bool _running;
    private bool _ended;

    public override bool TryAdd(ref PackReader reader)
    {
        TEvent value = read(ref reader);
        lock (_gate)
        {
            if (_ended)
                return true;
            if (_events.Count >= RpcLimits.QueuedEvents)
                return false;
            _events.Enqueue(value);
            if (_running)
                return true;
            _running = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    public override Task EndAsync()
    {
        lock (_gate)
        {
            _ended = true;
            _events.Clear();
            if (!_running || _handlerThread == Environment.CurrentManagedThreadId)
                return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    /// <summary>Calls the handler for what waits.</summary>
    public void Execute()
    {
        while (TryTake(out TEvent? value))
        {
            try
            {
                handler(value);
            }
            catch (Exception e)
            {
                Client.Report(VirtException.Create(
                    VirtErrorCode.InternalError, $"the handler of an event failed: {e.Message}", innerException: e));
            }
        }
    }

    private bool TryTake([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TEvent value)
    {
        lock (_gate)
        {
            if (_events.TryDequeue(out value))
            {
                _handlerThread = Environment.CurrentManagedThreadId;
                return true;
            }

            _running = false;
            _handlerThread = 0;
            _idle?.TrySetResult();
            return false;
        }
    }
}
