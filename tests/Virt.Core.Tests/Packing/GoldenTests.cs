using Virt.Rpc.Packing;

namespace Virt.Tests.Core.Packing;

/// <summary>Bytes that Debian's python3-msgpack 1.0.3 wrote: ours are the same, and its are read.</summary>
public class GoldenTests
{
    [Theory]
    [InlineData("0", "00")]
    [InlineData("1", "01")]
    [InlineData("127", "7f")]
    [InlineData("128", "cc80")]
    [InlineData("255", "ccff")]
    [InlineData("256", "cd0100")]
    [InlineData("65535", "cdffff")]
    [InlineData("65536", "ce00010000")]
    [InlineData("4294967295", "ceffffffff")]
    [InlineData("4294967296", "cf0000000100000000")]
    [InlineData("9223372036854775807", "cf7fffffffffffffff")]
    [InlineData("9223372036854775808", "cf8000000000000000")]
    [InlineData("18446744073709551615", "cfffffffffffffffff")]
    [InlineData("-1", "ff")]
    [InlineData("-32", "e0")]
    [InlineData("-33", "d0df")]
    [InlineData("-128", "d080")]
    [InlineData("-129", "d1ff7f")]
    [InlineData("-32768", "d18000")]
    [InlineData("-32769", "d2ffff7fff")]
    [InlineData("-2147483648", "d280000000")]
    [InlineData("-2147483649", "d3ffffffff7fffffff")]
    [InlineData("-9223372036854775808", "d38000000000000000")]
    public void Integers_take_the_smallest_form(string text, string hex)
    {
        var number = Int128.Parse(text, null);
        if (number >= 0)
        {
            Assert.Equal(hex, Pack.Hex((ref w) => w.Write((ulong)number)));
            Assert.Equal((ulong)number, Pack.Value(hex, (ref r) => r.ReadUInt64()));
        }
        else
        {
            Assert.Equal(PackFailure.BadData, Pack.Failure(hex, (ref r) => r.ReadUInt64()));
        }

        if (number <= long.MaxValue)
        {
            Assert.Equal(hex, Pack.Hex((ref w) => w.Write((long)number)));
            Assert.Equal((long)number, Pack.Value(hex, (ref r) => r.ReadInt64()));
        }
        else
        {
            Assert.Equal(PackFailure.BadData, Pack.Failure(hex, (ref r) => r.ReadInt64()));
        }

        if (number >= int.MinValue && number <= int.MaxValue)
        {
            Assert.Equal(hex, Pack.Hex((ref w) => w.Write((int)number)));
            Assert.Equal((int)number, Pack.Value(hex, (ref r) => r.ReadInt32()));
        }
        else
        {
            Assert.Equal(PackFailure.BadData, Pack.Failure(hex, (ref r) => r.ReadInt32()));
        }

        if (number >= 0 && number <= uint.MaxValue)
        {
            Assert.Equal(hex, Pack.Hex((ref w) => w.Write((uint)number)));
            Assert.Equal((uint)number, Pack.Value(hex, (ref r) => r.ReadUInt32()));
        }
        else
        {
            Assert.Equal(PackFailure.BadData, Pack.Failure(hex, (ref r) => r.ReadUInt32()));
        }
    }

    [Theory]
    [InlineData("05")]
    [InlineData("cc05")]
    [InlineData("cd0005")]
    [InlineData("ce00000005")]
    [InlineData("cf0000000000000005")]
    [InlineData("d005")]
    [InlineData("d10005")]
    [InlineData("d200000005")]
    [InlineData("d30000000000000005")]
    public void Integers_are_read_from_every_form(string hex)
    {
        Assert.Equal(5, Pack.Value(hex, (ref r) => r.ReadInt32()));
        Assert.Equal(5u, Pack.Value(hex, (ref r) => r.ReadUInt32()));
        Assert.Equal(5L, Pack.Value(hex, (ref r) => r.ReadInt64()));
        Assert.Equal(5ul, Pack.Value(hex, (ref r) => r.ReadUInt64()));
        Assert.Equal(5.0, Pack.Value(hex, (ref r) => r.ReadDouble()));
    }

    [Fact]
    public void Nil_booleans_and_floats()
    {
        Assert.Equal("c0", Pack.Hex((ref w) => w.WriteNil()));
        Assert.Equal("c0", Pack.Hex((ref w) => w.Write((string?)null)));
        Assert.Equal("c3", Pack.Hex((ref w) => w.Write(true)));
        Assert.Equal("c2", Pack.Hex((ref w) => w.Write(false)));
        Assert.Equal("cb3ff8000000000000", Pack.Hex((ref w) => w.Write(1.5)));
        Assert.Equal("cb8000000000000000", Pack.Hex((ref w) => w.Write(-0.0)));
        Assert.Equal("cb7ff0000000000000", Pack.Hex((ref w) => w.Write(double.PositiveInfinity)));
        Assert.Equal("cb400921fb54442d18", Pack.Hex((ref w) => w.Write(Math.PI)));
        Assert.Equal("ca3fc00000", Pack.Hex((ref w) => w.Write(1.5f)));
        Assert.Equal(1.5f, Pack.Value("ca3fc00000", (ref r) => r.ReadSingle()));
        Assert.Equal(1.5f, Pack.Value("cb3ff8000000000000", (ref r) => r.ReadSingle()));
        Assert.Equal(1.5, Pack.Value("ca3fc00000", (ref r) => r.ReadDouble()));
        Assert.Equal(float.NegativeInfinity, Pack.Value("cbfff0000000000000", (ref r) => r.ReadSingle()));
        Assert.True(double.IsNaN(Pack.Value("cb7ff8000000000000", (ref r) => r.ReadDouble())));
        Assert.Equal(PackFailure.BadData, Pack.Failure("cb7fefffffffffffff", (ref r) => r.ReadSingle()));
    }

    [Theory]
    [InlineData(0, "a0", "c400", "90", "80")]
    [InlineData(1, "a1", "c401", "91", "81")]
    [InlineData(15, "af", "c40f", "9f", "8f")]
    [InlineData(16, "b0", "c410", "dc0010", "de0010")]
    [InlineData(31, "bf", "c41f", "dc001f", "de001f")]
    [InlineData(32, "d920", "c420", "dc0020", "de0020")]
    [InlineData(255, "d9ff", "c4ff", "dc00ff", "de00ff")]
    [InlineData(256, "da0100", "c50100", "dc0100", "de0100")]
    [InlineData(65535, "daffff", "c5ffff", "dcffff", "deffff")]
    [InlineData(65536, "db00010000", "c600010000", "dd00010000", "df00010000")]
    public void Lengths_and_counts_take_the_smallest_form(int length, string str, string bin, string array, string map)
    {
        string text = new('a', length);
        byte[] bytes = [.. Enumerable.Repeat((byte)'a', length)];
        string hex = Convert.ToHexStringLower(bytes);
        Assert.Equal(str + hex, Pack.Hex((ref w) => w.Write(text)));
        Assert.Equal(str + hex, Pack.Hex((ref w) => w.WriteUtf8(bytes)));
        Assert.Equal(bin + hex, Pack.Hex((ref w) => w.WriteBinary(bytes)));
        Assert.Equal(array, Pack.Hex((ref w) => w.WriteArrayHeader(length)));
        Assert.Equal(map, Pack.Hex((ref w) => w.WriteMapHeader(length)));
        Assert.Equal(text, Pack.Value(str + hex, (ref r) => r.ReadString()));
        Assert.Equal(bytes, Pack.Value(bin + hex, (ref r) => r.ReadBinary().ToArray()));
        Assert.Equal(length, Pack.Value(array + hex, (ref r) => ReadArray(ref r)));
        Assert.Equal(length, Pack.Value(map + hex + hex, (ref r) => ReadMap(ref r)));
    }

    [Theory]
    [InlineData("Grüße 日本 🖥", "b34772c3bcc39f6520e697a5e69cac20f09f96a5")]
    [InlineData("ééééééééééééééé", "bec3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9")]
    [InlineData("éééééééééééééééé", "d920c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9c3a9")]
    public void Text_beyond_ascii_is_counted_in_bytes(string text, string hex)
    {
        Assert.Equal(hex, Pack.Hex((ref w) => w.Write(text)));
        Assert.Equal(text, Pack.Value(hex, (ref r) => r.ReadString()));
    }

    [Theory]
    [InlineData(0, "c70005")]
    [InlineData(1, "d405")]
    [InlineData(2, "d505")]
    [InlineData(3, "c70305")]
    [InlineData(4, "d605")]
    [InlineData(5, "c70505")]
    [InlineData(8, "d705")]
    [InlineData(15, "c70f05")]
    [InlineData(16, "d805")]
    [InlineData(17, "c71105")]
    [InlineData(255, "c7ff05")]
    [InlineData(256, "c8010005")]
    [InlineData(65535, "c8ffff05")]
    [InlineData(65536, "c90001000005")]
    public void Extensions_take_the_smallest_form(int length, string header)
    {
        byte[] data = [.. Enumerable.Repeat((byte)'b', length)];
        string hex = header + Convert.ToHexStringLower(data);
        Assert.Equal(hex, Pack.Hex((ref w) => w.WriteExtension(5, data)));
        Assert.Equal(data, Pack.Value(hex, (ref r) =>
        {
            byte[] value = r.ReadExtension(out sbyte type).ToArray();
            Assert.Equal(5, type);
            return value;
        }));
    }

    [Theory]
    [InlineData(0, 0, "d6ff00000000")]
    [InlineData(1, 0, "d6ff00000001")]
    [InlineData(4294967295, 0, "d6ffffffffff")]
    [InlineData(4294967296, 0, "d7ff0000000100000000")]
    [InlineData(0, 100, "d7ff0000019000000000")]
    [InlineData(1700000000, 123456700, "d7ff1d6f32f06553f100")]
    [InlineData(17179869183, 999999900, "d7ffee6b2673ffffffff")]
    [InlineData(17179869184, 0, "c70cff000000000000000400000000")]
    [InlineData(-1, 0, "c70cff00000000ffffffffffffffff")]
    [InlineData(-1, 999999900, "c70cff3b9ac99cffffffffffffffff")]
    [InlineData(-62135596800, 0, "c70cff00000000fffffff1886e0900")]
    [InlineData(253402300799, 999999900, "c70cff3b9ac99c0000003afff4417f")]
    public void Timestamps_take_the_smallest_form(long seconds, int nanoseconds, string hex)
    {
        var moment = DateTimeOffset.UnixEpoch.AddTicks((seconds * TimeSpan.TicksPerSecond) + (nanoseconds / 100));
        Assert.Equal(hex, Pack.Hex((ref w) => w.Write(moment)));
        Assert.Equal(moment, Pack.Value(hex, (ref r) => r.ReadTimestamp()));
        Assert.Equal(TimeSpan.Zero, Pack.Value(hex, (ref r) => r.ReadTimestamp()).Offset);
    }

    [Fact]
    public void A_timestamp_is_written_in_utc()
    {
        var local = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(5.5));
        Assert.Equal(Pack.Hex((ref w) => w.Write(local.ToUniversalTime())), Pack.Hex((ref w) => w.Write(local)));
    }

    [Theory]
    [InlineData("c70cff00000000fffffff1886e08ff")] // the second before year 1
    [InlineData("c70cff000000000000003afff44180")] // the second after year 9999
    [InlineData("c70cff3b9aca000000000000000000")] // a full second of nanoseconds
    [InlineData("d7ffffffffff00000000")]
    [InlineData("d5ff0000")] // no timestamp has two bytes
    [InlineData("d60500000000")] // another extension
    [InlineData("00")]
    public void Bad_timestamps_are_refused(string hex) =>
        Assert.Equal(PackFailure.BadData, Pack.Failure(hex, (ref r) => r.ReadTimestamp()));

    [Fact]
    public void A_uuid_is_sixteen_bytes_in_network_order()
    {
        var uuid = Guid.Parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
        const string hex = "c4106ba7b8109dad11d180b400c04fd430c8";
        Assert.Equal(hex, Pack.Hex((ref w) => w.Write(uuid)));
        Assert.Equal(uuid, Pack.Value(hex, (ref r) => r.ReadGuid()));
        Assert.Equal(PackFailure.BadData, Pack.Failure("c40f" + hex[6..], (ref r) => r.ReadGuid()));
    }

    [Theory]
    [InlineData(0, "00")]
    [InlineData(1, "64")]
    [InlineData(-1, "d09c")]
    [InlineData(TimeSpan.TicksPerSecond, "ce3b9aca00")]
    [InlineData(92233720368547758, "cf7ffffffffffffff8")]
    public void A_duration_is_nanoseconds(long ticks, string hex)
    {
        Assert.Equal(hex, Pack.Hex((ref w) => w.Write(new TimeSpan(ticks))));
        Assert.Equal(new TimeSpan(ticks), Pack.Value(hex, (ref r) => r.ReadTimeSpan()));
    }

    [Fact]
    public void A_duration_beyond_64_bits_of_nanoseconds_is_cut()
    {
        Assert.Equal("cf7fffffffffffffff", Pack.Hex((ref w) => w.Write(TimeSpan.MaxValue)));
        Assert.Equal("d38000000000000000", Pack.Hex((ref w) => w.Write(TimeSpan.MinValue)));
    }

    /// <summary>A map of everything, as <c>msgpack.packb</c> wrote it.</summary>
    [Fact]
    public void A_document_of_python_is_read_and_written_byte_for_byte()
    {
        byte[] data = Convert.FromHexString(
            "8ca46e616d65a67765622d3031a2696407a475756964c4106ba7b8109dad11d180b400c04fd430c8a66d656d6f7279cf00000001"
            + "00000000a57469746c65c0a47461677393a161a2c3bca0a46c6f6164cb3fd0000000000000a96175746f7374617274c3a66f6666"
            + "736574d1fed4a66e657374656481a46465657091929301ff9080a174d7ff1d6f32f06553f100a3657874c7032a010203");
        var map = Assert.IsType<List<KeyValuePair<object?, object?>>>(Pack.Value(data, Document.Read));
        Assert.Equal(
            ["name", "id", "uuid", "memory", "title", "tags", "load", "autostart", "offset", "nested", "t", "ext"],
            map.Select(pair => pair.Key));
        var values = map.Select(pair => pair.Value).ToArray();
        Assert.Equal("web-01", values[0]);
        Assert.Equal(7L, values[1]);
        Assert.Equal(4294967296L, values[3]);
        Assert.Null(values[4]);
        Assert.Equal(["a", "ü", ""], Assert.IsType<object?[]>(values[5]));
        Assert.Equal(0.25, values[6]);
        Assert.Equal(true, values[7]);
        Assert.Equal(-300L, values[8]);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(1700000000).AddTicks(1234567), values[10]);
        Assert.Equal(data, Pack.Bytes((ref w) => Document.Write(ref w, map)));
        Pack.Value(data, Pack.Skip);
    }

    private static int ReadArray(ref PackReader reader)
    {
        int count = reader.ReadArrayHeader();
        reader.Skip(count);
        return count;
    }

    private static int ReadMap(ref PackReader reader)
    {
        int count = reader.ReadMapHeader();
        reader.Skip(2 * count);
        return count;
    }
}
