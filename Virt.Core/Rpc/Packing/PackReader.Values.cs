using System.Buffers.Binary;
using MessagePack;

namespace Virt.Rpc.Packing;

public ref partial struct PackReader
{
    private const uint NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Reads a timestamp extension of 32, 64 or 96 bits as UTC; what is finer than 100 ns is cut off.</summary>
    public DateTimeOffset ReadTimestamp()
    {
        int start = Consumed;
        CheckExtension(Peek(), "a timestamp");
        var header = _values.ReadExtensionFormatHeader();
        if (header.TypeCode != ReservedMessagePackExtensionTypeCode.DateTime)
            PackThrow.BadData(start, "expected a timestamp, found another extension");
        CheckTimestamp(start, _data.Slice(Consumed, (int)header.Length));
        return new DateTimeOffset(_values.ReadDateTime(header));
    }

    /// <summary>Reads a uuid: 16 bytes of binary data in the order of RFC 4122.</summary>
    public Guid ReadGuid()
    {
        int start = Consumed;
        var data = ReadBinary();
        if (data.Length != 16)
            PackThrow.BadData(start, "a uuid has 16 bytes");
        return new Guid(data, bigEndian: true);
    }

    /// <summary>Reads a duration: an integer of nanoseconds; what is finer than 100 ns is cut off.</summary>
    public TimeSpan ReadTimeSpan() => new(ReadInt64() / TimeSpan.NanosecondsPerTick);

    private static void CheckTimestamp(int start, ReadOnlySpan<byte> data)
    {
        long seconds = 0;
        uint nanoseconds = 0;
        switch (data.Length)
        {
            case 4:
                // All that it can say is in range.
                return;
            case 8:
                ulong both = BinaryPrimitives.ReadUInt64BigEndian(data);
                seconds = (long)(both & 0x3_ffff_ffff);
                nanoseconds = (uint)(both >> 34);
                break;
            case 12:
                nanoseconds = BinaryPrimitives.ReadUInt32BigEndian(data);
                seconds = BinaryPrimitives.ReadInt64BigEndian(data[4..]);
                break;
            default:
                PackThrow.BadData(start, "a timestamp has 4, 8 or 12 bytes");
                break;
        }

        const long First = -62_135_596_800; // 0001-01-01T00:00:00Z
        const long Last = 253_402_300_799; // 9999-12-31T23:59:59Z
        if (nanoseconds >= NanosecondsPerSecond || seconds is < First or > Last)
            PackThrow.OutOfRange(start, "a timestamp");
    }
}
