using Virt.Errors;
using Virt.Streams;

namespace Virt.Rpc.Streams;

/// <summary>
/// One side of a stream over a connection, the same for caller and daemon. Each side sends only what the other has given it credit
/// for, so a slow reader holds its own stream and nothing else, and a peer that ignores that ends the connection.
/// </summary>
internal sealed class RpcStream(RpcConnection connection, ProcedureId procedure, Action<RpcStream> over) : VirtStream
{
    private readonly Lock _gate = new();
    private readonly ReceiveWindow _received = new();
    private long _credit = RpcLimits.StreamWindow;
    private TaskCompletionSource? _readable, _writable;
    private Exception? _failure;
    private bool _receivedEnd, _sentEnd, _over, _disposed;

    /// <summary>The serial of the call that opened it.</summary>
    public int Serial { get; set; }

    private FrameHeader Header => new(procedure, FrameType.Stream, Serial);

    /// <summary>Takes a frame, on the receive loop.</summary>
    /// <exception cref="InvalidDataException">The peer does not keep to the rules.</exception>
    public void OnFrame(in FrameHeader header, ReadOnlyMemory<byte> body)
    {
        StreamFrame frame = StreamFrame.Read(header, body);
        if (frame.Kind == StreamFrameKind.Error)
        {
            End(frame.Error!.ToException());
            return;
        }

        bool ends;
        lock (_gate)
        {
            if (_over)
                return;
            Take(frame);
            ends = TryEnd();
        }

        if (ends)
            over(this);
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        for (;;)
        {
            int count, grant = 0;
            Task waiting = Task.CompletedTask;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                count = _received.Take(buffer.Span);
                if (count > 0)
                    grant = _over || _receivedEnd ? 0 : _received.TakeGrant();
                else if (_failure is not null)
                    throw _failure;
                else if (_receivedEnd || buffer.IsEmpty)
                    return 0;
                else
                    waiting = Wait(ref _readable);
            }

            if (grant > 0)
                connection.TrySend(Header, grant, StreamFrame.WriteCredit);
            if (count > 0)
                return count;
            await waiting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (!buffer.IsEmpty)
        {
            await connection.WhenSentAsync(RpcLimits.StreamQueue, cancellationToken).ConfigureAwait(false);
            int count;
            Task waiting = Task.CompletedTask;
            lock (_gate)
            {
                CheckWritable();
                count = (int)Math.Min(Math.Min(_credit, RpcLimits.StreamChunk), buffer.Length);
                _credit -= count;
                if (count == 0)
                    waiting = Wait(ref _writable);
            }

            if (count > 0)
                connection.Send(Header, buffer[..count], StreamFrame.WriteData);
            buffer = buffer[count..];
            await waiting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override ValueTask FinishAsync(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        bool ends;
        lock (_gate)
        {
            if (_sentEnd && _failure is null && !_disposed)
                return ValueTask.CompletedTask;
            CheckWritable();
            _sentEnd = true;
            ends = TryEnd();
        }

        // The serial is free before the peer can know it.
        if (ends)
            over(this);
        connection.TrySend(Header);
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends both directions and tells the peer why; nothing happens when it is over.</summary>
    public void Fail(ErrorRecord error)
    {
        if (End(error.ToException()))
            connection.TrySend(Header with { Status = FrameStatus.Error }, error, ErrorRecordCodec.Write);
    }

    /// <summary>Ends both directions without a word to the peer; what has arrived can still be read. False when it is over.</summary>
    public bool End(Exception failure)
    {
        lock (_gate)
        {
            if (_over)
                return false;
            _over = true;
            _failure = failure;
            Wake();
        }

        over(this);
        return true;
    }

    /// <summary>Gives it up: the far side is told by a cancel frame, unless it is over.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (End(new ObjectDisposedException(nameof(VirtStream))))
                connection.TrySend(new FrameHeader(procedure, FrameType.Cancel, Serial));
            lock (_gate)
            {
                _disposed = true;
                _received.Dispose();
                Wake();
            }
        }

        base.Dispose(disposing);
    }

    private static Task Wait(ref TaskCompletionSource? waiter) =>
        (waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private static void Release(ref TaskCompletionSource? waiter)
    {
        waiter?.TrySetResult();
        waiter = null;
    }

    private void Take(in StreamFrame frame)
    {
        switch (frame.Kind)
        {
            case StreamFrameKind.Credit:
                _credit += frame.Credit;
                if (_credit > RpcLimits.StreamCredit)
                    throw new InvalidDataException($"stream {Serial} was given a credit of {_credit} bytes; {RpcLimits.StreamCredit} is the limit");
                Release(ref _writable);
                break;
            case var _ when _receivedEnd:
                throw new InvalidDataException($"stream {Serial} goes on after its end");
            case StreamFrameKind.End:
                _receivedEnd = true;
                Release(ref _readable);
                break;
            default:
                if (!_received.TryAdd(frame.Data))
                    throw new InvalidDataException($"stream {Serial} carries more than it was given credit for");
                Release(ref _readable);
                break;
        }
    }

    private bool TryEnd()
    {
        if (_over || !_receivedEnd || !_sentEnd)
            return false;
        return _over = true;
    }

    private void CheckWritable()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_failure is not null)
            throw _failure;
        if (_sentEnd)
            throw new InvalidOperationException("the stream is finished in this direction");
    }

    private void Wake()
    {
        Release(ref _readable);
        Release(ref _writable);
    }
}
