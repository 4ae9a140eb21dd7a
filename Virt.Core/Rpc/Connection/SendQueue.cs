using System.Buffers;
using System.Diagnostics;

namespace Virt.Rpc;

/// <summary>
/// The frames that wait to be sent. Whoever finds the writer idle writes on its own thread; what comes while it writes goes out
/// with the next write, small frames together. A frame is written whole or, when the connection ends, not counted on at all.
/// </summary>
internal sealed class SendQueue(Stream stream, long limit, Action<string> abort, Action progress)
{
    private const int BatchSize = 64 * 1024;
    private const int SliceSize = 256 * 1024;
    private const int RoundsBeforeYield = 16;

    private readonly Lock _gate = new();
    private readonly Queue<FrameBuffer> _frames = new();
    private readonly List<(long Mark, TaskCompletionSource Below)> _waiters = [];
    private long _bytes;
    private bool _writing;
    private bool _closed;
    private long _writingSince;

    /// <summary>Since when the transport has what it was given last and does not take it, in ticks of <see cref="Stopwatch"/>; else 0.</summary>
    public long WritingSince => Volatile.Read(ref _writingSince);

    /// <summary>Bytes that are not written yet.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Takes a frame over; false when the connection has ended.</summary>
    public bool Add(FrameBuffer frame, bool flush)
    {
        bool overflow, write = false;
        lock (_gate)
        {
            if (_closed)
            {
                frame.Dispose();
                return false;
            }

            overflow = _bytes > 0 && _bytes + frame.Length > limit;
            _bytes += frame.Length;
            _frames.Enqueue(frame);
            if ((flush || _bytes > BatchSize) && !_writing)
                write = _writing = true;
        }

        if (overflow)
            abort($"the peer does not read: {limit >> 10} KiB wait to be sent to it");
        else if (write)
            _ = WriteAsync();
        return true;
    }

    /// <summary>Starts to write what was added without a flush.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_writing || _frames.Count == 0)
                return;
            _writing = true;
        }

        _ = WriteAsync();
    }

    /// <summary>Completes when at most that many bytes wait, or the connection has ended.</summary>
    public Task WhenAtMostAsync(long bytes)
    {
        lock (_gate)
        {
            if (_closed || _bytes <= bytes)
                return Task.CompletedTask;
            TaskCompletionSource below = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((bytes, below));
            return below.Task;
        }
    }

    /// <summary>Drops what waits; nothing is taken from now on.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            while (_frames.TryDequeue(out FrameBuffer? frame))
                frame.Dispose();
            _bytes = 0;
            ReleaseWaiters();
        }
    }

    private async Task WriteAsync()
    {
        byte[]? batch = null;
        try
        {
            for (int round = 1; ; round++)
            {
                if (!TryTake(ref batch, out FrameBuffer? frame, out ReadOnlyMemory<byte> bytes))
                    return;
                using (frame)
                {
                    for (int sent = 0; sent < bytes.Length; sent += SliceSize)
                        await WriteSliceAsync(bytes.Slice(sent, Math.Min(SliceSize, bytes.Length - sent))).ConfigureAwait(false);
                }

                Written(bytes.Length);
                if (round % RoundsBeforeYield == 0)
                    await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            }
        }
        catch (Exception e)
        {
            abort($"sending failed: {e.Message}");
        }
        finally
        {
            if (batch is not null)
                ArrayPool<byte>.Shared.Return(batch);
        }
    }

    private async ValueTask WriteSliceAsync(ReadOnlyMemory<byte> slice)
    {
        ValueTask write = stream.WriteAsync(slice);
        if (write.IsCompletedSuccessfully)
        {
            write.GetAwaiter().GetResult();
            return;
        }

        // The transport had to make room, so the peer has read something: a sign of life.
        Volatile.Write(ref _writingSince, Stopwatch.GetTimestamp());
        await write.ConfigureAwait(false);
        Volatile.Write(ref _writingSince, 0);
        progress();
    }

    /// <summary>The next bytes to write: one frame as it is, or several small ones together.</summary>
    private bool TryTake(ref byte[]? batch, out FrameBuffer? frame, out ReadOnlyMemory<byte> bytes)
    {
        lock (_gate)
        {
            frame = null;
            bytes = default;
            if (!_frames.TryDequeue(out FrameBuffer? first))
            {
                _writing = false;
                return false;
            }

            first.Origin?.OnWriting();
            if (!_frames.TryPeek(out FrameBuffer? next) || first.Length + next.Length > BatchSize)
            {
                frame = first;
                bytes = first.Memory;
                return true;
            }

            batch ??= ArrayPool<byte>.Shared.Rent(BatchSize);
            int length = Append(first, batch, 0);
            while (_frames.TryPeek(out next) && length + next.Length <= BatchSize)
            {
                next.Origin?.OnWriting();
                length = Append(_frames.Dequeue(), batch, length);
            }

            bytes = batch.AsMemory(0, length);
            return true;
        }
    }

    private static int Append(FrameBuffer frame, byte[] batch, int length)
    {
        frame.Memory.Span.CopyTo(batch.AsSpan(length));
        length += frame.Length;
        frame.Dispose();
        return length;
    }

    private void Written(int bytes)
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _bytes -= bytes;
            ReleaseWaiters();
        }
    }

    private void ReleaseWaiters()
    {
        for (int i = _waiters.Count - 1; i >= 0; i--)
        {
            if (!_closed && _bytes > _waiters[i].Mark)
                continue;
            _waiters[i].Below.TrySetResult();
            _waiters.RemoveAt(i);
        }
    }
}
