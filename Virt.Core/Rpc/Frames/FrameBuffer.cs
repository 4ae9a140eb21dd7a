using System.Buffers;
using System.Buffers.Binary;
using Virt.Errors;
using Virt.Rpc.Packing;

namespace Virt.Rpc;

/// <summary>One encoded frame in a pooled array.</summary>
internal sealed class FrameBuffer : IBufferWriter<byte>, IDisposable
{
    public const int LengthSize = sizeof(uint);
    private const int InitialSize = 512;

    private byte[] _array = FramePool.Rent(InitialSize);

    private FrameBuffer() => Length = LengthSize;

    /// <summary>The bytes of the frame, the length in front included.</summary>
    public int Length { get; private set; }

    /// <summary>What is told when the frame is written; null for nobody.</summary>
    public IFrameOrigin? Origin { get; init; }

    public ReadOnlyMemory<byte> Memory => _array.AsMemory(0, Length);

    /// <summary>Encodes a frame; nothing is kept when the body cannot be written.</summary>
    /// <exception cref="VirtException">The frame is longer than a peer takes.</exception>
    public static FrameBuffer Encode<T>(in FrameHeader header, T body, WireWriter<T>? write, IFrameOrigin? origin = null)
    {
        FrameBuffer frame = new() { Origin = origin };
        try
        {
            PackWriter writer = new(frame);
            header.Write(ref writer);
            if (write is null)
                writer.WriteNil();
            else
                write(ref writer, body);
            writer.Flush();
            // The array may be longer than a frame.
            if (frame.Length > RpcLimits.Frame + LengthSize)
                throw TooLong();
            BinaryPrimitives.WriteUInt32BigEndian(frame._array, (uint)(frame.Length - LengthSize));
            return frame;
        }
        catch
        {
            frame.Dispose();
            throw;
        }
    }

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsSpan(Length);
    }

    public void Dispose()
    {
        byte[] array = _array;
        _array = [];
        FramePool.Return(array);
    }

    private static VirtException TooLong() => VirtException.Create(
        VirtErrorCode.ResourceLimit, $"the message is longer than the {RpcLimits.Frame >> 20} MiB that one frame may carry",
        recommendedAction: "Ask for less at once, for example with a filter.");

    private void Reserve(int size)
    {
        long needed = (long)Length + Math.Max(size, 1);
        if (needed <= _array.Length)
            return;
        if (needed > RpcLimits.Frame + LengthSize)
            throw TooLong();

        byte[] larger = FramePool.Rent((int)Math.Max(needed, Math.Min(2L * _array.Length, RpcLimits.Frame + LengthSize)));
        _array.AsSpan(0, Length).CopyTo(larger);
        FramePool.Return(_array);
        _array = larger;
    }
}
