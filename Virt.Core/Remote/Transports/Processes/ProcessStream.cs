using Virt.Errors;

namespace Virt.Remote.Transports.Processes;

/// <summary>
/// A program's standard output to read and standard input to write, as one stream. Where the program ends, reading and writing
/// fail with what it said last.
/// </summary>
internal sealed class ProcessStream(string program, ChildProcess child, ErrorOutput error) : Stream, IFaultingStream
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private int _disposed;
    private volatile ProcessEndedException? _end;

    /// <summary>The program.</summary>
    public ChildProcess Child => child;

    public VirtException? Fault => _end is { } end
        ? new VirtConnectionException(
            VirtErrorCode.RpcError, end.Message, program, "Look at what it says; its standard input and output have to lead to virtd.", end)
        : null;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count;
        try
        {
            count = await child.Output.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException) when (Volatile.Read(ref _disposed) == 0)
        {
            count = 0;
        }

        return count > 0 || buffer.IsEmpty ? count : throw await EndAsync().ConfigureAwait(false);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await child.Input.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
            await child.Input.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException) when (Volatile.Read(ref _disposed) == 0)
        {
            throw await EndAsync().ConfigureAwait(false);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

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

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _disposed, 1) == 0)
            child.Dispose();
        base.Dispose(disposing);
    }

    private async Task<IOException> EndAsync()
    {
        // The end of the output comes a moment before the end of the program, and its last words may still be on their way; a
        // process that it has left behind may hold both open.
        await ((Task)child.Exited).WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await error.Ended.WaitAsync(Patience / 4).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _end = new ProcessEndedException(
            program, child.Exited.IsCompletedSuccessfully ? await child.Exited.ConfigureAwait(false) : null, error.Text);
    }
}
