using System.IO.Pipelines;

namespace Virt.Rpc;

/// <summary>Two streams in this process, each of which reads what is written to the other.</summary>
public static class InMemoryPair
{
    /// <summary>Makes a connected pair.</summary>
    /// <param name="capacity">How many bytes one side takes ahead of its reader before writes wait.</param>
    public static (Stream First, Stream Second) Create(int capacity = 64 * 1024)
    {
        PipeOptions options = new(pauseWriterThreshold: capacity, resumeWriterThreshold: capacity / 2, useSynchronizationContext: false);
        Pipe forth = new(options), back = new(options);
        return (new DuplexPipeStream(back.Reader, forth.Writer), new DuplexPipeStream(forth.Reader, back.Writer));
    }

    private sealed class DuplexPipeStream(PipeReader reader, PipeWriter writer) : Stream
    {
        private readonly Stream _input = reader.AsStream();
        private readonly Stream _output = writer.AsStream();
        private readonly Lock _gate = new();
        private bool _disposed;

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _input.ReadAsync(buffer, cancellationToken);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            _input.ReadAsync(buffer, offset, count, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // A pipe must not be completed while a write copies into it; the copy is done when WriteAsync returns.
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                return _output.WriteAsync(buffer, cancellationToken);
            }
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        /// <summary>The peer reads the end; what waits here to read or to write fails.</summary>
        protected override void Dispose(bool disposing)
        {
            lock (_gate)
            {
                if (!disposing || _disposed)
                    return;
                _disposed = true;
                reader.CancelPendingRead();
                writer.CancelPendingFlush();
                writer.Complete();
            }

            base.Dispose(disposing);
        }
    }
}
