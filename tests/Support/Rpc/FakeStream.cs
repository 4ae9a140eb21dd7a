using System.Threading.Channels;
using Virt.Errors;
using Virt.Streams;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>A driver's stream.</summary>
internal sealed class FakeStream(FakeStreams owner, string kind, long give) : VirtStream
{
    private readonly Channel<byte[]> _echo = Channel.CreateBounded<byte[]>(1);
    private byte[] _rest = [];
    private long _given;
    private long _taken;

    /// <summary>How many bytes it has given.</summary>
    public long Given => Interlocked.Read(ref _given);

    /// <summary>How many bytes it has taken.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Completes when the client has finished its direction.</summary>
    public TaskCompletionSource Finished { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The byte at a place of a bulk stream.</summary>
    public static byte ByteAt(long place) => (byte)((place * 31) + (place >> 8) + (place >> 16));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        switch (kind)
        {
            case "bulk":
                int count = (int)Math.Min(buffer.Length, give - _given);
                for (int i = 0; i < count; i++)
                    buffer.Span[i] = ByteAt(_given + i);
                Interlocked.Add(ref _given, count);
                await Task.Yield();
                return count;
            case "stuck":
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return 0;
            case "broken":
                throw new InvalidOperationException("a broken driver");
            case "failing":
                throw VirtException.Create(VirtErrorCode.OperationAborted, "taken over", "serial0", "Open it again.");
            default:
                return await EchoAsync(buffer, cancellationToken);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        switch (kind)
        {
            case "bulk":
                for (int i = 0; i < buffer.Length; i++)
                {
                    if (buffer.Span[i] != ByteAt(_taken + i))
                        throw VirtException.Create(VirtErrorCode.InvalidArgument, $"byte {_taken + i} is wrong");
                }

                Interlocked.Add(ref _taken, buffer.Length);
                break;
            case "stuck":
                await Task.Delay(Timeout.Infinite, cancellationToken);
                break;
            default:
                await _echo.Writer.WriteAsync(buffer.ToArray(), cancellationToken);
                break;
        }
    }

    public override ValueTask FinishAsync(CancellationToken cancel)
    {
        _echo.Writer.TryComplete();
        Finished.TrySetResult();
        return ValueTask.CompletedTask;
    }

    protected override void Dispose(bool disposing)
    {
        owner.Remove(this);
        base.Dispose(disposing);
    }

    private async ValueTask<int> EchoAsync(Memory<byte> buffer, CancellationToken cancel)
    {
        if (_rest.Length == 0)
        {
            if (!await _echo.Reader.WaitToReadAsync(cancel) || !_echo.Reader.TryRead(out byte[]? next))
                return 0;
            _rest = next;
        }

        int count = Math.Min(buffer.Length, _rest.Length);
        _rest.AsMemory(0, count).CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }
}
