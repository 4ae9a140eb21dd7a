using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Virt.Rpc.MessagePack;

public ref partial struct MessagePackReader
{
    /// <summary>Reads text.</summary>
    public string ReadString()
    {
        int start = _position;
        var utf8 = ReadUtf8();
        if (!Utf8.IsValid(utf8))
            MessagePackThrow.BadData(start, "the text is not valid UTF-8");
        return utf8.Length <= RecentTexts.Longest ? RecentTexts.Get(utf8) : Encoding.UTF8.GetString(utf8);
    }

    /// <summary>Reads text, or null for nil.</summary>
    public string? ReadNullableString() => TryReadNil() ? null : ReadString();

    /// <summary>Reads text as the bytes that stand there, without checking that they are UTF-8.</summary>
    public ReadOnlySpan<byte> ReadUtf8()
    {
        byte code = Peek();
        int header = 1;
        uint length;
        switch (code)
        {
            case >= MessagePackCode.FixStr and < MessagePackCode.Nil:
                length = (uint)(code & MessagePackCode.MaximumFixStr);
                break;
            case >= MessagePackCode.Str8 and <= MessagePackCode.Str32:
                length = ReadLength(code - MessagePackCode.Str8, out header);
                break;
            default:
                MessagePackThrow.Unexpected(_position, code, "a string");
                return default;
        }

        return Take(header, length);
    }

    /// <summary>Reads binary data as the bytes that stand there.</summary>
    public ReadOnlySpan<byte> ReadBinary()
    {
        byte code = Peek();
        if (code is < MessagePackCode.Bin8 or > MessagePackCode.Bin32)
            MessagePackThrow.Unexpected(_position, code, "binary data");
        uint length = ReadLength(code - MessagePackCode.Bin8, out int header);
        return Take(header, length);
    }

    /// <summary>Reads an extension's type and length, of which the data follows.</summary>
    public int ReadExtensionHeader(out sbyte type)
    {
        byte code = Peek();
        int header = 1;
        uint length;
        switch (code)
        {
            case >= MessagePackCode.FixExt1 and <= MessagePackCode.FixExt16:
                length = 1u << (code - MessagePackCode.FixExt1);
                break;
            case >= MessagePackCode.Ext8 and <= MessagePackCode.Ext32:
                length = ReadLength(code - MessagePackCode.Ext8, out header);
                break;
            default:
                MessagePackThrow.Unexpected(_position, code, "an extension");
                type = 0;
                return 0;
        }

        type = (sbyte)Operand(header)[header - 1];
        CheckLength(header + 1, length);
        _position += header + 1;
        return (int)length;
    }

    /// <summary>Reads an extension as the bytes that stand there.</summary>
    public ReadOnlySpan<byte> ReadExtension(out sbyte type)
    {
        int length = ReadExtensionHeader(out type);
        var value = _data.Slice(_position, length);
        _position += length;
        return value;
    }

    /// <summary>The length behind the format byte; the header's length includes that byte.</summary>
    private readonly uint ReadLength(int log2OfWidth, out int header)
    {
        switch (log2OfWidth)
        {
            case 0:
                header = 2;
                return Operand(1)[0];
            case 1:
                header = 3;
                return BinaryPrimitives.ReadUInt16BigEndian(Operand(2));
            default:
                header = 5;
                return BinaryPrimitives.ReadUInt32BigEndian(Operand(4));
        }
    }

    private ReadOnlySpan<byte> Take(int header, uint length)
    {
        CheckLength(header, length);
        var value = _data.Slice(_position + header, (int)length);
        _position += header + (int)length;
        return value;
    }

    private readonly void CheckLength(int header, uint length)
    {
        if (length > (uint)(_data.Length - _position - header))
            MessagePackThrow.TooMany(_position, length, "bytes");
    }
}
