using System.Text;
using System.Text.Unicode;
using MessagePack;

namespace Virt.Rpc.Packing;

public ref partial struct PackReader
{
    /// <summary>Reads text.</summary>
    public string ReadString()
    {
        int start = Consumed;
        var utf8 = ReadUtf8();
        if (!Utf8.IsValid(utf8))
            PackThrow.BadData(start, "the text is not valid UTF-8");
        return utf8.Length <= RecentTexts.Longest ? RecentTexts.Get(utf8) : Encoding.UTF8.GetString(utf8);
    }

    /// <summary>Reads text, or null for nil.</summary>
    public string? ReadNullableString() => TryReadNil() ? null : ReadString();

    /// <summary>Reads text as the bytes that stand there, without checking that they are UTF-8.</summary>
    public ReadOnlySpan<byte> ReadUtf8()
    {
        CheckText(Peek());
        _values.TryReadStringSpan(out var utf8);
        return utf8;
    }

    /// <summary>Reads binary data as the bytes that stand there.</summary>
    public ReadOnlySpan<byte> ReadBinary()
    {
        int length = CheckBinary(Peek());
        // Reading would make a sequence of them.
        _values.Skip();
        return _data.Slice(Consumed - length, length);
    }

    /// <summary>Reads an extension's type and length, of which the data follows.</summary>
    public int ReadExtensionHeader(out sbyte type)
    {
        CheckExtension(Peek(), "an extension");
        var header = _values.ReadExtensionFormatHeader();
        type = header.TypeCode;
        return (int)header.Length;
    }

    /// <summary>Reads an extension as the bytes that stand there.</summary>
    public ReadOnlySpan<byte> ReadExtension(out sbyte type)
    {
        int length = ReadExtensionHeader(out type);
        _values.ReadRaw(length);
        return _data.Slice(Consumed - length, length);
    }

    private void CheckText(byte code)
    {
        if (code is >= MessagePackCode.MinFixStr and <= MessagePackCode.MaxFixStr)
            CheckLength(1, (uint)code & MessagePackRange.MaxFixStringLength);
        else if (code is >= MessagePackCode.Str8 and <= MessagePackCode.Str32)
            CheckLength(1 << (code - MessagePackCode.Str8));
        else
            PackThrow.Unexpected(Consumed, code, "a string");
    }

    private int CheckBinary(byte code)
    {
        if (code is < MessagePackCode.Bin8 or > MessagePackCode.Bin32)
            PackThrow.Unexpected(Consumed, code, "binary data");
        return CheckLength(1 << (code - MessagePackCode.Bin8));
    }

    private void CheckExtension(byte code, string expected)
    {
        // Behind the format byte and the length stands the type.
        if (code is >= MessagePackCode.FixExt1 and <= MessagePackCode.FixExt16)
            CheckLength(2, 1u << (code - MessagePackCode.FixExt1));
        else if (code is >= MessagePackCode.Ext8 and <= MessagePackCode.Ext32)
            CheckLength(1 << (code - MessagePackCode.Ext8), behind: 1);
        else
            PackThrow.Unexpected(Consumed, code, expected);
    }

    /// <summary>Checks that as many bytes follow as the length of that size says, and so many more before them; returns the length.</summary>
    private int CheckLength(int size, int behind = 0)
    {
        uint length = ReadLength(size);
        CheckLength(1 + size + behind, length);
        return (int)length;
    }

    /// <summary>Checks that a header of that size is whole and that so many bytes follow it.</summary>
    private void CheckLength(int header, uint length)
    {
        int rest = _data.Length - Consumed - header;
        if (rest < 0)
            PackThrow.EndOfData(Consumed);
        if (length > (uint)rest)
            PackThrow.TooMany(Consumed, length, "bytes");
    }
}
