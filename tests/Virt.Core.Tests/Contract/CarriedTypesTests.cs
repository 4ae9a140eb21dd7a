using Virt.Rpc;
using Virt.Rpc.Packing;
using Virt.Tests.Core.Packing;

namespace Virt.Tests.Core.Contract;

/// <summary>An enum wider than an int.</summary>
public enum Wide : ulong
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>More than any int.</summary>
    Huge = ulong.MaxValue,
}

/// <summary>A record that is a struct.</summary>
[Wire]
public readonly record struct Point(int X, int Y = -1);

/// <summary>Every type that travels, also those that no contract uses yet.</summary>
[Wire]
public sealed record Everything(
    bool Flag, int Int, long Long, uint UInt, ulong ULong, float Float, double Double, string Text, Guid Uuid, DateTimeOffset Moment,
    TimeSpan Duration, Color Color, Wide Wide, ReadOnlyMemory<byte> Memory, byte[] Bytes, Point Point, FirstVersion Record,
    bool? MaybeFlag, uint? MaybeUInt, double? MaybeDouble, string? MaybeText, Guid? MaybeUuid, DateTimeOffset? MaybeMoment,
    TimeSpan? MaybeDuration, Wide? MaybeWide, ReadOnlyMemory<byte>? MaybeMemory, byte[]? MaybeBytes, Point? MaybePoint,
    FirstVersion? MaybeRecord, IReadOnlyList<string> Texts, IReadOnlyList<string?> MaybeTexts, IReadOnlyList<int?>? MaybeInts,
    IReadOnlyList<Point> Points, IReadOnlyList<Point?> MaybePoints, IReadOnlyList<FirstVersion?> MaybeRecords,
    IReadOnlyList<IReadOnlyList<long>> Table, IReadOnlyDictionary<string, string> Map, IReadOnlyDictionary<string, FirstVersion?>? MaybeMap,
    IReadOnlyDictionary<string, IReadOnlyList<Color>> MapOfLists, string @class = "a \"quoted\" \\ text\n");

/// <summary>A record that holds itself.</summary>
[Wire]
public sealed record Chain(int Level, Chain? Next);

public class CarriedTypesTests
{
    [Theory]
    [MemberData(nameof(Samples.Kinds), MemberType = typeof(Samples))]
    public void Every_type_comes_back(SampleKind kind)
    {
        var codec = WireCodec.Of(typeof(Everything));
        object value = Samples.Record(typeof(Everything), kind);
        byte[] data = codec.Write(value);
        Assert.Equal(Samples.Text(value), Samples.Text(codec.Read(data)));
        Assert.Equal(data, codec.Write(codec.Read(data)));
        for (int length = 0; length < data.Length; length++)
            Assert.Equal(PackFailure.EndOfData, Assert.Throws<PackException>(() => codec.Read(data.AsMemory(0, length))).Kind);
    }

    [Fact]
    public void Extremes_come_back()
    {
        var sample = (Everything)Samples.Record(typeof(Everything), SampleKind.Full);
        var value = sample with
        {
            Long = long.MinValue, UInt = uint.MaxValue, ULong = ulong.MaxValue, Float = float.Epsilon, Double = -0.0,
            Moment = DateTimeOffset.MaxValue, Duration = TimeSpan.FromDays(-100_000), Wide = Wide.Huge, MaybeTexts = ["a", null, ""],
        };
        var codec = WireCodec.Of(typeof(Everything));
        Assert.Equal(Samples.Text(value), Samples.Text(codec.Read(codec.Write(value))));
    }

    [Fact]
    public void A_default_with_quotes_is_taken()
    {
        byte[] data = WireCodec.Of(typeof(Everything)).Write(Samples.Record(typeof(Everything), SampleKind.Full));
        var positions = Assert.IsType<object?[]>(Pack.Value(data, Document.Read));
        byte[] shorter = Pack.Bytes((ref w) => Document.Write(ref w, positions[..^1]));
        Assert.Equal("a \"quoted\" \\ text\n", Pack.Value(shorter, EverythingCodec.Read).@class);
        Assert.Equal(new Point(5), Pack.Value("9105", PointCodec.Read));
    }

    [Fact]
    public void A_record_within_itself_is_bounded_by_depth()
    {
        string allowed = string.Concat(Enumerable.Repeat("9200", RpcLimits.Depth)) + "c0";
        Pack.Value(allowed, ChainCodec.Read);
        Assert.Equal(PackFailure.BadData, Pack.Failure("9200" + allowed, ChainCodec.Read));
        Assert.Equal(PackFailure.BadData, Pack.Failure(string.Concat(Enumerable.Repeat("9200", 1_000_000)), ChainCodec.Read));
    }

    [Fact]
    public void A_list_comes_back_up_to_the_limit()
    {
        long[] numbers = [.. Enumerable.Range(0, RpcLimits.Elements).Select(i => (long)i * i)];
        Assert.Equal(numbers, Pack.Value(Numbers(numbers), ReadNumbers));
        Assert.Equal(PackFailure.BadData, Pack.Failure(Numbers([.. numbers, 1]), ReadNumbers));

        static byte[] Numbers(long[] list) => Pack.Bytes((ref w) => WireCollection.WriteList(ref w, list, static (ref w, v) => w.Write(v)));
        static IReadOnlyList<long> ReadNumbers(ref PackReader reader) =>
            WireCollection.ReadList(ref reader, static (ref r) => r.ReadInt64());
    }

    [Theory]
    [InlineData("82a16101a16102")] // a key twice
    [InlineData("81c001")] // a key that is nil
    public void A_map_needs_distinct_text_keys(string hex) => Assert.Equal(
        PackFailure.BadData, Pack.Failure(hex, (ref r) => WireCollection.ReadMap(ref r, static (ref r) => r.ReadInt32())));

    [Fact]
    public void A_null_where_none_may_be_is_refused_by_the_writer() =>
        Assert.Throws<ArgumentNullException>(() => Pack.Bytes((ref w) => FirstVersionCodec.Write(ref w, null!)));
}
