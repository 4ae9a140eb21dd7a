using System.Buffers;
using Virt.Rpc;
using Virt.Rpc.Packing;

namespace Virt.Work;

/// <summary>Values as their bytes, made outside of what is measured.</summary>
internal static class Packed
{
    public static readonly FrameHeader Reply = new(new ProcedureId(1, 1, 1), FrameType.Reply, 1000);

    public static byte[] Of<T>(T value, WireWriter<T> write)
    {
        ArrayBufferWriter<byte> output = new();
        PackWriter writer = new(output);
        write(ref writer, value);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>A whole frame with that many bytes of data as its body.</summary>
    public static byte[] Frame(int size)
    {
        using FrameBuffer frame = FrameBuffer.Encode(
            Reply, new byte[size], static (ref PackWriter writer, byte[] value) => writer.WriteBinary(value));
        return frame.Memory.ToArray();
    }
}
