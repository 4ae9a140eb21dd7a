using System.Buffers;

namespace Virt.Rpc.Streams;

/// <summary>
/// What has arrived of a stream and is not read yet, at most a window of it. Memory is held for what is there, so an idle stream
/// holds none. Its user locks.
/// </summary>
internal sealed class ReceiveWindow : IDisposable
{
    private const int InitialSize = 4 * 1024;
    private const int GrantFrom = RpcLimits.StreamWindow / 2;

    private byte[] _buffer = [];
    private int _start;
    private int _count;
    private int _allowance = RpcLimits.StreamWindow;
    private int _read;

    /// <summary>Keeps what has arrived; false when the sender had no credit for it.</summary>
    public bool TryAdd(ReadOnlySpan<byte> data)
    {
        if (data.Length > _allowance)
            return false;
        _allowance -= data.Length;
        Reserve(_count + data.Length);
        int end = (_start + _count) % _buffer.Length;
        int first = Math.Min(data.Length, _buffer.Length - end);
        data[..first].CopyTo(_buffer.AsSpan(end));
        data[first..].CopyTo(_buffer);
        _count += data.Length;
        return true;
    }

    /// <summary>Moves what is there, or as much as there is room for.</summary>
    public int Take(Span<byte> into)
    {
        int count = Math.Min(into.Length, _count);
        if (count == 0)
            return 0;
        int first = Math.Min(count, _buffer.Length - _start);
        _buffer.AsSpan(_start, first).CopyTo(into);
        _buffer.AsSpan(0, count - first).CopyTo(into[first..]);
        _start = (_start + count) % _buffer.Length;
        _count -= count;
        _read += count;
        if (_count == 0)
            Release();
        return count;
    }

    /// <summary>The credit that the sender is to be given now; 0 while it still has much.</summary>
    public int TakeGrant()
    {
        if (_read < GrantFrom)
            return 0;
        int grant = _read;
        _read = 0;
        _allowance += grant;
        return grant;
    }

    /// <summary>Drops what is there.</summary>
    public void Dispose()
    {
        _count = 0;
        Release();
    }

    private void Reserve(int size)
    {
        if (size <= _buffer.Length)
            return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(size, Math.Max(InitialSize, 2 * _buffer.Length)));
        int count = _count;
        int first = Math.Min(count, _buffer.Length - _start);
        _buffer.AsSpan(_start, first).CopyTo(larger);
        _buffer.AsSpan(0, count - first).CopyTo(larger.AsSpan(first));
        Release();
        _buffer = larger;
    }

    private void Release()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        _start = 0;
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
