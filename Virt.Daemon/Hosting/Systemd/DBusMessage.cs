using System.Buffers.Binary;
using System.Text;

namespace Virt.Daemon.Hosting.Systemd;

/// <summary>A message that came over D-Bus, as far as a caller of one method needs it.</summary>
internal sealed class DBusMessage
{
    public const byte MethodCall = 1;
    public const byte MethodReturn = 2;
    public const byte Error = 3;
    public const byte Signal = 4;

    /// <summary>Up to the length of the header fields, which tells how long the rest is.</summary>
    public const int FixedHeader = 16;

    private const int LargestMessage = 1 << 20;
    private const byte LittleEndian = (byte)'l';
    private readonly byte[] _bytes;
    private int _at = FixedHeader;

    private DBusMessage(byte[] bytes)
    {
        _bytes = bytes;
        int end = FixedHeader + Length(bytes, 12);
        while (_at < end)
            ReadField();
        Align(8);
    }

    public byte Type => _bytes[1];

    /// <summary>The serial of the call this answers; 0 when it answers none.</summary>
    public uint ReplyTo { get; private set; }

    /// <summary>The name of the signal.</summary>
    public string? Member { get; private set; }

    /// <summary>The name of the error.</summary>
    public string? ErrorName { get; private set; }

    /// <summary>The types of the body.</summary>
    public string Signature { get; private set; } = string.Empty;

    /// <summary>How many bytes follow the fixed header.</summary>
    /// <exception cref="InvalidDataException">It is no message, or too long.</exception>
    public static int RestLength(ReadOnlySpan<byte> header)
    {
        if (header[0] != LittleEndian)
            throw new InvalidDataException("the message is not little-endian");
        int fields = (Length(header, 12) + 7) / 8 * 8;
        return fields + Length(header, 4);
    }

    /// <summary>Reads a whole message.</summary>
    /// <exception cref="InvalidDataException">It is cut or makes no sense.</exception>
    public static DBusMessage Parse(byte[] bytes)
    {
        try
        {
            return new DBusMessage(bytes);
        }
        catch (ArgumentOutOfRangeException cut)
        {
            throw new InvalidDataException("the message is cut", cut);
        }
    }

    /// <summary>Reads the next value of the body, a string or an object path.</summary>
    public string ReadString()
    {
        int length = (int)Math.Min(ReadUInt32(), LargestMessage);
        string text = Encoding.UTF8.GetString(_bytes.AsSpan(_at, length));
        _at += length + 1;
        return text;
    }

    /// <summary>Reads the next value of the body, a number.</summary>
    public uint ReadUInt32()
    {
        Align(sizeof(uint));
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(_at));
        _at += sizeof(uint);
        return value;
    }

    private static int Length(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]) is <= LargestMessage and var length
        ? (int)length
        : throw new InvalidDataException("the message is too long");

    private void Align(int size) => _at = (_at + size - 1) / size * size;

    private void ReadField()
    {
        const byte MemberField = 3, ErrorField = 4, ReplyField = 5, SignatureField = 8;
        Align(8);
        byte code = _bytes.AsSpan(_at)[0];
        _at++;
        switch (ReadSignature())
        {
            case "u":
                uint number = ReadUInt32();
                if (code == ReplyField)
                    ReplyTo = number;
                break;
            case "g":
                string types = ReadSignature();
                if (code == SignatureField)
                    Signature = types;
                break;
            case "s" or "o":
                string text = ReadString();
                if (code == MemberField)
                    Member = text;
                else if (code == ErrorField)
                    ErrorName = text;
                break;
            case var other:
                throw new InvalidDataException($"a header field has the type '{other}'");
        }
    }

    private string ReadSignature()
    {
        byte length = _bytes.AsSpan(_at)[0];
        string text = Encoding.ASCII.GetString(_bytes.AsSpan(_at + 1, length));
        _at += length + 2;
        return text;
    }
}
