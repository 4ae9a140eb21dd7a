using System.Buffers.Binary;
using Virt.Rpc.Packing;

namespace Virt.Rpc;

/// <summary>
/// Cuts what arrives into frames. A length is checked before anything is allocated for it, and the buffer grows with what has
/// arrived, not with what was announced, so a claim costs its sender the bytes.
/// </summary>
internal sealed class FrameReceiver : IDisposable
{
    private const int InitialSize = 16 * 1024;

    private byte[] _buffer = FramePool.Rent(InitialSize);
    private int _start;
    private int _end;

    /// <summary>The longest frame that is taken, in bytes.</summary>
    public int Limit { get; set; } = RpcLimits.UnauthenticatedFrame;

    /// <summary>Whether part of a frame is waiting for the rest.</summary>
    public bool IsInsideFrame => _end > _start;

    /// <summary>The bytes that wait for the rest of their frame.</summary>
    public int Pending => _end - _start;

    /// <summary>The frames taken so far.</summary>
    public long Frames { get; private set; }

    /// <summary>The memory it holds, in bytes.</summary>
    public int Capacity => _buffer.Length;

    /// <summary>Room for what is read next.</summary>
    public Memory<byte> GetRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
            if (_buffer.Length > 4 * InitialSize)
                Replace(InitialSize);
        }
        else if (_end == _buffer.Length)
        {
            if (_start >= _buffer.Length / 2)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                _end -= _start;
                _start = 0;
            }
            else
            {
                Replace(2 * (_end - _start));
            }
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>Counts what was read into the room.</summary>
    public void Advance(int count) => _end += count;

    /// <summary>Takes the next whole frame, if there is one; it is valid until <see cref="GetRoom"/>.</summary>
    /// <exception cref="InvalidDataException">The frame is too long or has no good header.</exception>
    public bool TryTake(out FrameHeader header, out ReadOnlyMemory<byte> body)
    {
        header = default;
        body = default;
        ReadOnlySpan<byte> arrived = _buffer.AsSpan(_start, _end - _start);
        if (!BinaryPrimitives.TryReadUInt32BigEndian(arrived, out uint length))
            return false;
        if (length > (uint)Limit)
            throw new InvalidDataException($"a frame of {length} bytes is over the limit of {Limit}");
        if (arrived.Length < FrameBuffer.LengthSize + (int)length)
            return false;

        int begin = _start + FrameBuffer.LengthSize;
        _start = begin + (int)length;
        PackReader reader = new(_buffer.AsMemory(begin, (int)length));
        try
        {
            header = FrameHeader.Read(ref reader);
        }
        catch (PackException e)
        {
            throw new InvalidDataException($"a frame has no good header: {e.Message}", e);
        }

        if (reader.IsEnd)
            throw new InvalidDataException("a frame has no body");
        Frames++;
        body = _buffer.AsMemory(begin + reader.Consumed, (int)length - reader.Consumed);
        return true;
    }

    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        _start = _end = 0;
        FramePool.Return(buffer);
    }

    private void Replace(int size)
    {
        byte[] other = FramePool.Rent(size);
        _buffer.AsSpan(_start, _end - _start).CopyTo(other);
        _end -= _start;
        _start = 0;
        FramePool.Return(_buffer);
        _buffer = other;
    }
}
