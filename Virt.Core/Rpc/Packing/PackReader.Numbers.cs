using System.Runtime.CompilerServices;
using MessagePack;

namespace Virt.Rpc.Packing;

public ref partial struct PackReader
{
    /// <summary>Reads an integer that fits 32 bits.</summary>
    public int ReadInt32()
    {
        int start = Consumed;
        long value = ReadInt64();
        if (value != (int)value)
            PackThrow.OutOfRange(start, "a 32-bit integer");
        return (int)value;
    }

    /// <summary>Reads an integer that fits 32 bits and is not negative.</summary>
    public uint ReadUInt32()
    {
        int start = Consumed;
        ulong value = ReadUInt64();
        if (value > uint.MaxValue)
            PackThrow.OutOfRange(start, "an unsigned 32-bit integer");
        return (uint)value;
    }

    /// <summary>Reads an integer that fits 64 bits.</summary>
    public long ReadInt64()
    {
        if (CheckInteger(Peek(), "an integer") && Operand(1)[0] > (byte)sbyte.MaxValue)
            PackThrow.OutOfRange(Consumed, "a signed 64-bit integer");
        return _values.ReadInt64();
    }

    /// <summary>Reads an integer that fits 64 bits and is not negative.</summary>
    public ulong ReadUInt64()
    {
        if (CheckInteger(Peek(), "an integer"))
            return _values.ReadUInt64();
        int start = Consumed;
        long value = _values.ReadInt64();
        if (value < 0)
            PackThrow.OutOfRange(start, "an unsigned integer");
        return (ulong)value;
    }

    /// <summary>Reads a number as a float32; a float64 is rounded, an integer is taken as well.</summary>
    public float ReadSingle()
    {
        int start = Consumed;
        double value = ReadDouble();
        float single = (float)value;
        if (float.IsInfinity(single) && !double.IsInfinity(value))
            PackThrow.OutOfRange(start, "a 32-bit float");
        return single;
    }

    /// <summary>Reads a number as a float64; an integer is taken as well, as some languages write whole numbers so.</summary>
    public double ReadDouble()
    {
        CheckNumber(Peek());
        return _values.ReadDouble();
    }

    private void CheckNumber(byte code)
    {
        if (code is MessagePackCode.Float32 or MessagePackCode.Float64)
            Operand(code == MessagePackCode.Float32 ? sizeof(float) : sizeof(double));
        else
            CheckInteger(code, "a number");
    }

    /// <summary>Checks that an integer comes next and is whole; returns whether it is the one whose form is unsigned and of 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool CheckInteger(byte code, string expected) =>
        (sbyte)code < MessagePackRange.MinFixNegativeInt && CheckWideInteger(code, expected);

    private bool CheckWideInteger(byte code, string expected)
    {
        if (code is < MessagePackCode.UInt8 or > MessagePackCode.Int64)
            PackThrow.Unexpected(Consumed, code, expected);
        // Both the unsigned and the signed forms come in the order of their widths: 1, 2, 4 and 8 bytes.
        Operand(1 << (code & 3));
        return code == MessagePackCode.UInt64;
    }
}
