using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Virt.Rpc.MessagePack;

public ref partial struct MessagePackReader
{
    /// <summary>Reads an integer that fits 32 bits.</summary>
    public int ReadInt32()
    {
        int start = _position;
        long value = ReadInt64();
        if (value != (int)value)
            MessagePackThrow.OutOfRange(start, "a 32-bit integer");
        return (int)value;
    }

    /// <summary>Reads an integer that fits 32 bits and is not negative.</summary>
    public uint ReadUInt32()
    {
        int start = _position;
        ulong value = ReadUInt64();
        if (value > uint.MaxValue)
            MessagePackThrow.OutOfRange(start, "an unsigned 32-bit integer");
        return (uint)value;
    }

    /// <summary>Reads an integer that fits 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ReadInt64()
    {
        sbyte fix = (sbyte)Peek();
        if (fix >= -32)
        {
            _position++;
            return fix;
        }

        return ReadWideInteger();
    }

    /// <summary>Reads an integer that fits 64 bits and is not negative.</summary>
    public ulong ReadUInt64()
    {
        byte code = Peek();
        if (code == MessagePackCode.UInt64)
        {
            ulong wide = BinaryPrimitives.ReadUInt64BigEndian(Operand(8));
            _position += 9;
            return wide;
        }

        int start = _position;
        long value = ReadInt64();
        if (value < 0)
            MessagePackThrow.OutOfRange(start, "an unsigned integer");
        return (ulong)value;
    }

    /// <summary>Reads a number as a float32; a float64 is rounded, an integer is taken as well.</summary>
    public float ReadSingle()
    {
        int start = _position;
        double value = ReadDouble();
        float single = (float)value;
        if (float.IsInfinity(single) && !double.IsInfinity(value))
            MessagePackThrow.OutOfRange(start, "a 32-bit float");
        return single;
    }

    /// <summary>Reads a number as a float64; an integer is taken as well, as some languages write whole numbers so.</summary>
    public double ReadDouble()
    {
        byte code = Peek();
        switch (code)
        {
            case MessagePackCode.Float64:
                double wide = BinaryPrimitives.ReadDoubleBigEndian(Operand(8));
                _position += 9;
                return wide;
            case MessagePackCode.Float32:
                float narrow = BinaryPrimitives.ReadSingleBigEndian(Operand(4));
                _position += 5;
                return narrow;
            case MessagePackCode.UInt64:
                return ReadUInt64();
            default:
                if (MessagePackCode.KindOf(code) != MessagePackKind.Integer)
                    MessagePackThrow.Unexpected(_position, code, "a number");
                return ReadInt64();
        }
    }

    private long ReadWideInteger()
    {
        byte code = _data[_position];
        long value;
        switch (code)
        {
            case MessagePackCode.UInt8:
                value = Operand(1)[0];
                _position += 2;
                return value;
            case MessagePackCode.UInt16:
                value = BinaryPrimitives.ReadUInt16BigEndian(Operand(2));
                _position += 3;
                return value;
            case MessagePackCode.UInt32:
                value = BinaryPrimitives.ReadUInt32BigEndian(Operand(4));
                _position += 5;
                return value;
            case MessagePackCode.UInt64:
                value = BinaryPrimitives.ReadInt64BigEndian(Operand(8));
                if (value < 0)
                    MessagePackThrow.OutOfRange(_position, "a signed 64-bit integer");
                _position += 9;
                return value;
            case MessagePackCode.Int8:
                value = (sbyte)Operand(1)[0];
                _position += 2;
                return value;
            case MessagePackCode.Int16:
                value = BinaryPrimitives.ReadInt16BigEndian(Operand(2));
                _position += 3;
                return value;
            case MessagePackCode.Int32:
                value = BinaryPrimitives.ReadInt32BigEndian(Operand(4));
                _position += 5;
                return value;
            case MessagePackCode.Int64:
                value = BinaryPrimitives.ReadInt64BigEndian(Operand(8));
                _position += 9;
                return value;
            default:
                MessagePackThrow.Unexpected(_position, code, "an integer");
                return 0;
        }
    }
}
