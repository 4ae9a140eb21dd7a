using Virt.Errors;

namespace Virt.Rpc;

/// <summary>
/// Frames over a duplex stream, the same for client and daemon: one receive loop, one send queue. The first reason to end the
/// connection wins, and every later caller gets it.
/// </summary>
public sealed class RpcConnection : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly IFrameHandler _handler;
    private readonly RpcConnectionOptions _options;
    private readonly SendQueue _queue;
    private readonly FrameReceiver _receiver = new();
    private readonly Keepalive _keepalive;
    private readonly StallWatch _watch;
    private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _reason;
    private int _loopThread;

    /// <summary>Takes the stream over; nothing is read before <see cref="Start"/>.</summary>
    public RpcConnection(Stream stream, IFrameHandler handler, RpcConnectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(options);
        _stream = stream;
        _handler = handler;
        _options = options;
        _keepalive = new Keepalive(this, options);
        _queue = new SendQueue(stream, options.SendQueueLimit, Abort, _keepalive.Alive);
        _watch = new StallWatch(options, _queue, Abort);
    }

    /// <summary>Completes with the reason when the connection has ended.</summary>
    public Task<string> Closed => _closed.Task;

    /// <summary>Why the connection has ended; null while it has not.</summary>
    public string? CloseReason => Volatile.Read(ref _reason);

    /// <summary>The bytes that are held for the peer: what has come in and is not handled, and what waits to be sent.</summary>
    public long HeldBytes => _receiver.Capacity + _queue.Bytes;

    /// <summary>Begins to receive and to watch the peer.</summary>
    public void Start()
    {
        _keepalive.Start();
        _watch.Start();
        _ = ReceiveAsync();
    }

    /// <summary>Takes frames of the full length from now on: the peer is authenticated.</summary>
    public void AcceptLargeFrames() => _receiver.Limit = _options.FrameLimit;

    /// <summary>Sends a frame; returns when it is in the queue.</summary>
    /// <exception cref="VirtException">The connection has ended, or the body is longer than a frame may be.</exception>
    public void Send<T>(in FrameHeader header, T body, WireWriter<T> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        if (!Add(FrameBuffer.Encode(header, body, write)))
            throw Failure();
    }

    /// <summary>Sends a frame for something that wants to know when it goes out; false when the connection has ended.</summary>
    /// <exception cref="VirtException">The body is longer than a frame may be.</exception>
    internal bool TrySend<T>(in FrameHeader header, T body, WireWriter<T> write, IFrameOrigin origin) =>
        Add(FrameBuffer.Encode(header, body, write, origin));

    /// <summary>Sends a frame with nil as body.</summary>
    /// <exception cref="VirtException">The connection has ended.</exception>
    public void Send(in FrameHeader header)
    {
        if (!TrySend(header))
            throw Failure();
    }

    /// <summary>Sends a frame with nil as body; false when the connection has ended.</summary>
    public bool TrySend(in FrameHeader header) => Add(FrameBuffer.Encode<object?>(header, null, null));

    /// <summary>Sends a frame; false when the connection has ended.</summary>
    public bool TrySend<T>(in FrameHeader header, T body, WireWriter<T> write) => Add(FrameBuffer.Encode(header, body, write));

    /// <summary>Completes when at most that many bytes wait to be sent, or the connection has ended.</summary>
    public async ValueTask WhenSentAsync(long bytes, CancellationToken cancel)
    {
        while (_queue.Bytes > bytes)
            await _queue.WhenAtMostAsync(bytes).WaitAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Ends the connection at once; of several reasons the first one holds.</summary>
    public void Abort(string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        if (Interlocked.CompareExchange(ref _reason, reason, null) is not null)
            return;
        _queue.Close();
        _keepalive.Dispose();
        _watch.Dispose();
        _stream.Dispose();
        // Whoever is told by the handler finds the connection closed.
        _closed.TrySetResult(reason);
        _handler.OnClosed(reason);
    }

    /// <summary>Ends the connection after what waits has been sent, or the time is up.</summary>
    public async ValueTask CloseAsync(string reason, TimeSpan linger)
    {
        if (CloseReason is null)
        {
            _queue.Flush();
            await _queue.WhenAtMostAsync(0).WaitAsync(linger).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Abort(reason);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Abort("closed by this side");
        return ValueTask.CompletedTask;
    }

    /// <summary>The exception for a caller whose connection has ended.</summary>
    public VirtException Failure() => VirtException.Create(
        VirtErrorCode.RpcError, $"the connection has ended: {CloseReason ?? "closed"}", recommendedAction: "Connect again.");

    private bool Add(FrameBuffer frame) =>
        _queue.Add(frame, flush: Environment.CurrentManagedThreadId != Volatile.Read(ref _loopThread));

    private async Task ReceiveAsync()
    {
        string reason;
        try
        {
            for (;;)
            {
                int count = await new ReadAwaitable(_stream.ReadAsync(_receiver.GetRoom()), _handler);
                if (count == 0)
                {
                    reason = _receiver.IsInsideFrame ? "closed by the peer in the middle of a frame" : "closed by the peer";
                    break;
                }

                _receiver.Advance(count);
                _keepalive.Alive();
                while (!HandleFrames())
                {
                    _watch.Paused();
                    await _queue.WhenAtMostAsync(_options.ReadWhileQueued).ConfigureAwait(false);
                }

                _watch.Received(_receiver.Frames, _receiver.Pending);
            }
        }
        catch (InvalidDataException e)
        {
            reason = $"the peer broke the protocol: {e.Message}";
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            reason = $"receiving failed: {e.Message}";
        }
        catch (Exception e)
        {
            reason = $"a frame could not be handled: {e.Message}";
        }

        if (_handler.TakeDeferred() is { } work)
            ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
        _receiver.Dispose();
        Abort(reason);
    }

    /// <summary>
    /// Handles all whole frames, or as many as may be before the peer has to fetch what waits for it (then false). What they send
    /// from this thread goes out together afterwards.
    /// </summary>
    private bool HandleFrames()
    {
        Volatile.Write(ref _loopThread, Environment.CurrentManagedThreadId);
        try
        {
            while (CloseReason is null && _receiver.TryTake(out FrameHeader header, out ReadOnlyMemory<byte> body))
            {
                if (!_keepalive.TryHandle(header))
                    _handler.OnFrame(header, body);
                if (_queue.Bytes > _options.ReadWhileQueued)
                    return false;
            }

            return true;
        }
        finally
        {
            Volatile.Write(ref _loopThread, 0);
            _queue.Flush();
        }
    }
}
