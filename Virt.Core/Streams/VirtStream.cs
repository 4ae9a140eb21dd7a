namespace Virt.Streams;

/// <summary>
/// Bytes both ways between a caller and a driver: a console, the contents of a volume. Each direction ends by itself: a read of
/// 0 bytes says that the other side has finished, <see cref="FinishAsync"/> finishes this side's. What the other side fails with
/// is thrown by the next read or write. Disposal gives up whatever is not finished; it never waits, and what waits here fails.
/// One read and one write may run at a time, side by side; both can be cancelled, after which the stream is of further use.
/// </summary>
public abstract class VirtStream : Stream
{
    /// <inheritdoc/>
    public sealed override bool CanRead => true;

    /// <inheritdoc/>
    public sealed override bool CanWrite => true;

    /// <inheritdoc/>
    public sealed override bool CanSeek => false;

    /// <summary>Not known of a stream.</summary>
    public sealed override long Length => throw new NotSupportedException();

    /// <summary>Not known of a stream.</summary>
    public sealed override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>
    /// Finishes this side's direction after what was written; the other side reads the end there. That it has taken everything is
    /// known when it has finished too.
    /// </summary>
    public abstract ValueTask FinishAsync(CancellationToken cancel);

    /// <inheritdoc/>
    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public abstract override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public sealed override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public sealed override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Does nothing: what is written is on its way.</summary>
    public sealed override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Does nothing: what is written is on its way.</summary>
    public sealed override void Flush()
    {
    }

    /// <summary>Not offered: a thread would have to wait.</summary>
    public sealed override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("read asynchronously");

    /// <summary>Not offered: a thread would have to wait.</summary>
    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("write asynchronously");

    /// <summary>Not offered.</summary>
    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <summary>Not offered.</summary>
    public sealed override void SetLength(long value) => throw new NotSupportedException();
}
