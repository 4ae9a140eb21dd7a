using CsCheck;
using MessagePack;
using Virt.Rpc.Packing;

namespace Virt.Tests.Core.Packing;

/// <summary>Whatever the bytes are, reading ends with a value or with the one exception, and never beyond the last byte.</summary>
public class AnyBytesTests
{
    private const int Tries = 5000;

    /// <summary>Every way to read a value.</summary>
    private static readonly Pack.Read<object?>[] Ways =
    [
        (ref r) => r.ReadBoolean(), (ref r) => r.ReadInt32(), (ref r) => r.ReadInt64(), (ref r) => r.ReadUInt32(), (ref r) => r.ReadUInt64(),
        (ref r) => r.ReadSingle(), (ref r) => r.ReadDouble(), (ref r) => r.ReadString(), (ref r) => r.ReadNullableString(),
        (ref r) => r.ReadUtf8().Length, (ref r) => r.ReadBinary().Length, (ref r) => r.ReadExtension(out _).Length,
        (ref r) => r.ReadTimestamp(), (ref r) => r.ReadTimeSpan(), (ref r) => r.ReadGuid(), (ref r) => r.ReadArrayHeader(),
        (ref r) => r.ReadMapHeader(), (ref r) => r.TryReadNil(), Nil,
    ];

    /// <summary>Bytes that are nothing, those of a value, and those of a value with one byte that is another.</summary>
    private static readonly Gen<byte[]> AnyBytes = Gen.OneOf(
        Gen.Byte.Array[0, 64],
        Gen.Select(Gen.Byte[0xc0, 0xdf], Gen.Byte.Array[0, 40], (code, rest) => (byte[])[code, .. rest]),
        Gen.Select(Gens.Document, Gen.Int[0, int.MaxValue], Gen.Byte, (document, at, changed) =>
        {
            byte[] data = PackageDocument.Bytes(document);
            data[at % data.Length] = changed;
            return data;
        }));

    [Fact]
    public void Each_way_of_reading_gives_a_value_or_the_one_exception() => AnyBytes.Sample(data =>
    {
        foreach (Pack.Read<object?> way in Ways)
            Try(data, way, out _, out _);
    }, iter: Tries);

    [Fact]
    public void What_is_read_is_what_the_package_reads_and_what_is_skipped() => AnyBytes.Sample(data =>
    {
        if (!Try(data, Document.Read, out object? document, out int consumed))
            return;
        Assert.True(Try(data, Skip, out _, out int skipped));
        Assert.Equal(consumed, skipped);
        var reader = new MessagePackReader(data);
        Assert.True(Document.Same(document, PackageDocument.Read(ref reader)));
        Assert.Equal(consumed, reader.Consumed);
    }, iter: Tries);

    private static bool Try(byte[] data, Pack.Read<object?> read, out object? value, out int consumed)
    {
        // What lies behind is not the reader's.
        var reader = new PackReader(((byte[])[.. data, .. new byte[32]]).AsMemory(0, data.Length));
        value = null;
        consumed = 0;
        try
        {
            value = read(ref reader);
            consumed = reader.Consumed;
            Assert.InRange(consumed, 0, data.Length);
            return true;
        }
        catch (PackException)
        {
            return false;
        }
    }

    private static object? Skip(ref PackReader reader) => Pack.Skip(ref reader);

    private static object? Nil(ref PackReader reader)
    {
        reader.ReadNil();
        return null;
    }
}
