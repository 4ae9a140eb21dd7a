using System.Buffers;
using System.Text;

namespace Virt.Rpc.MessagePack;

public ref partial struct MessagePackWriter
{
    /// <summary>Writes text, or nil for null. A lone surrogate becomes U+FFFD.</summary>
    public void Write(string? value)
    {
        if (value is null)
            WriteNil();
        else
            Write(value.AsSpan());
    }

    /// <summary>Writes text. A lone surrogate becomes U+FFFD.</summary>
    public void Write(scoped ReadOnlySpan<char> value)
    {
        // Nearly all text is ASCII: one byte per character, so the header's width is known before encoding.
        int header = TextHeaderLength(value.Length);
        var span = Reserve(header + value.Length);
        if (Ascii.FromUtf16(value, span[header..], out int length) != OperationStatus.Done)
        {
            length = Encoding.UTF8.GetByteCount(value);
            header = TextHeaderLength(length);
            span = Reserve(header + length);
            Encoding.UTF8.GetBytes(value, span[header..]);
        }

        WriteTextHeader(length);
        _used += length;
    }

    /// <summary>Writes text that is UTF-8 already; it must be valid.</summary>
    public void WriteUtf8(scoped ReadOnlySpan<byte> value)
    {
        WriteTextHeader(value.Length);
        WriteRaw(value);
    }

    /// <summary>Writes bytes.</summary>
    public void WriteBinary(scoped ReadOnlySpan<byte> value)
    {
        if (value.Length <= byte.MaxValue)
            WriteCode8(MessagePackCode.Bin8, (byte)value.Length);
        else if (value.Length <= ushort.MaxValue)
            WriteCode16(MessagePackCode.Bin16, (ushort)value.Length);
        else
            WriteCode32(MessagePackCode.Bin32, (uint)value.Length);
        WriteRaw(value);
    }

    /// <summary>Writes a typed run of bytes. Negative types belong to the specification.</summary>
    public void WriteExtension(sbyte type, scoped ReadOnlySpan<byte> value)
    {
        switch (value.Length)
        {
            case 1 or 2 or 4 or 8 or 16:
                WriteByte((byte)(MessagePackCode.FixExt1 + int.Log2(value.Length)));
                break;
            case <= byte.MaxValue:
                WriteCode8(MessagePackCode.Ext8, (byte)value.Length);
                break;
            case <= ushort.MaxValue:
                WriteCode16(MessagePackCode.Ext16, (ushort)value.Length);
                break;
            default:
                WriteCode32(MessagePackCode.Ext32, (uint)value.Length);
                break;
        }

        WriteByte((byte)type);
        WriteRaw(value);
    }

    private static int TextHeaderLength(int length) => length switch
    {
        <= MessagePackCode.MaximumFixStr => 1,
        <= byte.MaxValue => 2,
        <= ushort.MaxValue => 3,
        _ => 5,
    };

    private void WriteTextHeader(int length)
    {
        if (length <= MessagePackCode.MaximumFixStr)
            WriteByte((byte)(MessagePackCode.FixStr | length));
        else if (length <= byte.MaxValue)
            WriteCode8(MessagePackCode.Str8, (byte)length);
        else if (length <= ushort.MaxValue)
            WriteCode16(MessagePackCode.Str16, (ushort)length);
        else
            WriteCode32(MessagePackCode.Str32, (uint)length);
    }
}
