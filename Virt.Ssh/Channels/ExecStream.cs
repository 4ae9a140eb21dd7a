using Virt.Errors;
using Virt.Remote.Transports;
using Virt.Remote.Transports.Processes;

namespace Virt.Ssh.Channels;

/// <summary>
/// A far side's command as one stream: its standard output to read, its standard input to write. Where the command ends, reading
/// and writing fail with what it said last.
/// </summary>
/// <param name="program">What runs, in the words of errors.</param>
/// <param name="channel">The command.</param>
/// <param name="connection">What the channel stands on; it ends with the stream.</param>
internal sealed class ExecStream(string program, ExecChannel channel, SessionOwner connection) : Stream, IFaultingStream
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private int _disposed;
    private volatile ProcessEndedException? _end;

    public VirtException? Fault => _end is { } end
        ? new VirtConnectionException(VirtErrorCode.RpcError, end.Message, program, "Look at what it says, and at virtd's log there.", end)
        : null;

    /// <summary>Completes when nothing of the connection is left.</summary>
    public Task Gone => connection.Gone;

    /// <summary>How many bytes have come and are not read.</summary>
    public long Unread => channel.Unread;

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
        int count = await channel.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return count > 0 || buffer.IsEmpty ? count : throw await EndAsync().ConfigureAwait(false);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        channel.WriteAsync(buffer, cancellationToken);

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
        {
            channel.Abandon(new ObjectDisposedException(nameof(ExecStream)));
            connection.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<IOException> EndAsync()
    {
        // The end of the output comes a moment before the exit status; a process that the command has left behind may hold it back.
        await channel.Closed.WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _end = new ProcessEndedException(program, channel.ExitStatus, channel.Error);
    }
}
