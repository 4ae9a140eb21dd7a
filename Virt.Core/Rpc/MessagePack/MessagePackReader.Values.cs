using System.Buffers.Binary;

namespace Virt.Rpc.MessagePack;

public ref partial struct MessagePackReader
{
    private const uint NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Reads a timestamp extension of 32, 64 or 96 bits as UTC; what is finer than 100 ns is cut off.</summary>
    public DateTimeOffset ReadTimestamp()
    {
        int start = _position;
        byte code = Peek();
        if (MessagePackCode.KindOf(code) != MessagePackKind.Extension)
            MessagePackThrow.Unexpected(start, code, "a timestamp");
        var data = ReadExtension(out sbyte type);
        if (type != MessagePackCode.Timestamp)
            MessagePackThrow.BadData(start, "expected a timestamp, found another extension");
        long seconds = 0;
        uint nanoseconds = 0;
        switch (data.Length)
        {
            case 4:
                seconds = BinaryPrimitives.ReadUInt32BigEndian(data);
                break;
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
                MessagePackThrow.BadData(start, "a timestamp has 4, 8 or 12 bytes");
                break;
        }

        const long First = -62_135_596_800; // 0001-01-01T00:00:00Z
        const long Last = 253_402_300_799; // 9999-12-31T23:59:59Z
        if (nanoseconds >= NanosecondsPerSecond || seconds is < First or > Last)
            MessagePackThrow.OutOfRange(start, "a timestamp");
        return DateTimeOffset.UnixEpoch.AddTicks(
            (seconds * TimeSpan.TicksPerSecond) + (nanoseconds / TimeSpan.NanosecondsPerTick));
    }

    /// <summary>Reads a uuid: 16 bytes of binary data in the order of RFC 4122.</summary>
    public Guid ReadGuid()
    {
        int start = _position;
        var data = ReadBinary();
        if (data.Length != 16)
            MessagePackThrow.BadData(start, "a uuid has 16 bytes");
        return new Guid(data, bigEndian: true);
    }

    /// <summary>Reads a duration: an integer of nanoseconds; what is finer than 100 ns is cut off.</summary>
    public TimeSpan ReadTimeSpan() => new(ReadInt64() / TimeSpan.NanosecondsPerTick);
}
