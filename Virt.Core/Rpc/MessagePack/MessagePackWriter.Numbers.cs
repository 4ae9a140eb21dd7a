using System.Runtime.CompilerServices;

namespace Virt.Rpc.MessagePack;

public ref partial struct MessagePackWriter
{
    /// <summary>Writes an integer.</summary>
    public void Write(int value) => Write((long)value);

    /// <summary>Writes an integer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(long value)
    {
        if (value is >= -32 and <= MessagePackCode.MaximumFixInt)
            WriteByte((byte)value);
        else if (value >= 0)
            WriteUnsigned((ulong)value);
        else
            WriteNegative(value);
    }

    /// <summary>Writes an integer.</summary>
    public void Write(uint value) => Write((ulong)value);

    /// <summary>Writes an integer.</summary>
    public void Write(ulong value)
    {
        if (value <= MessagePackCode.MaximumFixInt)
            WriteByte((byte)value);
        else
            WriteUnsigned(value);
    }

    /// <summary>Writes a float32.</summary>
    public void Write(float value) => WriteCode32(MessagePackCode.Float32, BitConverter.SingleToUInt32Bits(value));

    /// <summary>Writes a float64.</summary>
    public void Write(double value) => WriteCode64(MessagePackCode.Float64, BitConverter.DoubleToUInt64Bits(value));

    private void WriteUnsigned(ulong value)
    {
        if (value <= byte.MaxValue)
            WriteCode8(MessagePackCode.UInt8, (byte)value);
        else if (value <= ushort.MaxValue)
            WriteCode16(MessagePackCode.UInt16, (ushort)value);
        else if (value <= uint.MaxValue)
            WriteCode32(MessagePackCode.UInt32, (uint)value);
        else
            WriteCode64(MessagePackCode.UInt64, value);
    }

    private void WriteNegative(long value)
    {
        if (value >= sbyte.MinValue)
            WriteCode8(MessagePackCode.Int8, (byte)value);
        else if (value >= short.MinValue)
            WriteCode16(MessagePackCode.Int16, (ushort)value);
        else if (value >= int.MinValue)
            WriteCode32(MessagePackCode.Int32, (uint)value);
        else
            WriteCode64(MessagePackCode.Int64, (ulong)value);
    }
}
