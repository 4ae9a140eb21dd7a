using System.Buffers.Binary;

namespace Virt.Rpc.MessagePack;

public ref partial struct MessagePackWriter
{
    /// <summary>Writes a moment as the timestamp extension (type -1) in UTC, to 100 ns.</summary>
    public void Write(DateTimeOffset value)
    {
        long ticks = value.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        (long seconds, long rest) = Math.DivRem(ticks, TimeSpan.TicksPerSecond);
        if (rest < 0)
        {
            seconds--;
            rest += TimeSpan.TicksPerSecond;
        }

        uint nanoseconds = (uint)(rest * TimeSpan.NanosecondsPerTick);
        Span<byte> data = stackalloc byte[12];
        if (seconds is >= 0 and <= uint.MaxValue && nanoseconds == 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(data, (uint)seconds);
            WriteExtension(MessagePackCode.Timestamp, data[..4]);
        }
        else if (seconds >> 34 == 0)
        {
            BinaryPrimitives.WriteUInt64BigEndian(data, (ulong)nanoseconds << 34 | (ulong)seconds);
            WriteExtension(MessagePackCode.Timestamp, data[..8]);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(data, nanoseconds);
            BinaryPrimitives.WriteInt64BigEndian(data[4..], seconds);
            WriteExtension(MessagePackCode.Timestamp, data);
        }
    }

    /// <summary>Writes a uuid as 16 bytes of binary data in the order of RFC 4122.</summary>
    public void Write(Guid value)
    {
        const int Length = 16;
        var span = Reserve(2 + Length);
        value.TryWriteBytes(span[2..], bigEndian: true, out _);
        span[1] = Length;
        span[0] = MessagePackCode.Bin8;
        _used += 2 + Length;
    }

    /// <summary>Writes a duration as an integer of nanoseconds; beyond about 292 years it is cut to what fits 64 bits.</summary>
    public void Write(TimeSpan value)
    {
        const long Limit = long.MaxValue / TimeSpan.NanosecondsPerTick;
        Write(value.Ticks switch
        {
            > Limit => long.MaxValue,
            < -Limit => long.MinValue,
            var ticks => ticks * TimeSpan.NanosecondsPerTick,
        });
    }
}
