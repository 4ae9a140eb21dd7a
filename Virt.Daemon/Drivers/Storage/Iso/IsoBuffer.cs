using System.Buffers.Binary;
using System.Text;

namespace Virt.Daemon.Drivers.Storage.Iso;

/// <summary>Writes ISO 9660's ways to say numbers, texts and times (ECMA-119, chapters 7 and 8).</summary>
internal sealed class IsoBuffer(int capacity)
{
    private readonly byte[] _bytes = new byte[capacity];

    /// <summary>Where the next value goes.</summary>
    public int Position { get; set; }

    /// <summary>All of it.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>One byte.</summary>
    public void Byte(int value) => _bytes[Position++] = (byte)value;

    /// <summary>Bytes as they are.</summary>
    public void Raw(ReadOnlySpan<byte> value)
    {
        value.CopyTo(_bytes.AsSpan(Position));
        Position += value.Length;
    }

    /// <summary>A 16-bit number in both byte orders (7.2.3).</summary>
    public void Both16(int value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(Position), (ushort)value);
        BinaryPrimitives.WriteUInt16BigEndian(_bytes.AsSpan(Position + 2), (ushort)value);
        Position += 4;
    }

    /// <summary>A 32-bit number in both byte orders (7.3.3).</summary>
    public void Both32(int value)
    {
        Little32(value);
        Big32(value);
    }

    /// <summary>A 32-bit number, least significant byte first (7.3.1).</summary>
    public void Little32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(Position), value);
        Position += 4;
    }

    /// <summary>A 32-bit number, most significant byte first (7.3.2).</summary>
    public void Big32(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(Position), value);
        Position += 4;
    }

    /// <summary>A text of fixed length, filled with spaces; Joliet's are UTF-16 (UCS-2, most significant byte first).</summary>
    public void Text(string text, int length, bool joliet)
    {
        Encoding encoding = joliet ? Encoding.BigEndianUnicode : Encoding.ASCII;
        byte[] padded = encoding.GetBytes(text.PadRight(joliet ? length / 2 : length));
        Raw(padded.AsSpan(0, padded.Length));
        Position += length - padded.Length;
    }

    /// <summary>A time in digits, in UTC (8.4.26.1); null for none.</summary>
    public void LongTime(DateTime? time)
    {
        string digits = time?.ToString("yyyyMMddHHmmssff", System.Globalization.CultureInfo.InvariantCulture) ?? new string('0', 16);
        Raw(Encoding.ASCII.GetBytes(digits));
        Byte(0);
    }

    /// <summary>A time in numbers, in UTC (9.1.5).</summary>
    public void ShortTime(DateTime time)
    {
        Raw([(byte)(time.Year - 1900), (byte)time.Month, (byte)time.Day, (byte)time.Hour, (byte)time.Minute, (byte)time.Second, 0]);
    }
}
