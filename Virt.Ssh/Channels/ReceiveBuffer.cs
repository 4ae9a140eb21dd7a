using System.Buffers;
using System.IO.Pipelines;

namespace Virt.Ssh.Channels;

/// <summary>
/// The bytes that have come and are not read yet. They are put in by the session's thread, which never waits here: how many there
/// can be is limited by the window that the far side has been given.
/// </summary>
internal sealed class ReceiveBuffer
{
    private readonly Lock _gate = new();
    private readonly Pipe _pipe = new(new PipeOptions(
        readerScheduler: PipeScheduler.ThreadPool, pauseWriterThreshold: 0, resumeWriterThreshold: 0, minimumSegmentSize: 32 * 1024,
        useSynchronizationContext: false));
    private bool _ended;
    private long _unread;

    /// <summary>How many bytes there are.</summary>
    public long Unread => Interlocked.Read(ref _unread);

    /// <summary>Adds bytes; after the end they are dropped.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_ended)
                return;
            Interlocked.Add(ref _unread, bytes.Length);
            _pipe.Writer.Write(bytes);
            // Complete at once, as there is no threshold.
            _ = _pipe.Writer.FlushAsync().AsTask();
        }
    }

    /// <summary>Ends it: with an error, reading fails with it at once; without, after what is there. The first end holds.</summary>
    public void End(Exception? error)
    {
        lock (_gate)
        {
            if (_ended)
                return;
            _ended = true;
            _pipe.Writer.Complete(error);
        }
    }

    /// <summary>Takes bytes, waiting for at least one; 0 at the end.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> room, CancellationToken cancel)
    {
        ReadResult result = await _pipe.Reader.ReadAsync(cancel).ConfigureAwait(false);
        int count = (int)Math.Min(room.Length, result.Buffer.Length);
        ReadOnlySequence<byte> taken = result.Buffer.Slice(0, count);
        taken.CopyTo(room.Span);
        _pipe.Reader.AdvanceTo(taken.End);
        Interlocked.Add(ref _unread, -count);
        return count;
    }
}
