using System.Buffers;
using System.Text;
using CsCheck;
using MessagePack;
using Virt.Rpc;
using Virt.Rpc.Packing;

namespace Virt.Tests.Core.Packing;

/// <summary>What we write, the MessagePack package reads as the same, and what we read comes back: any value of every kind.</summary>
public class PackageAgreementTests
{
    private const int Tries = 1000;

    private delegate T PackageRead<out T>(ref MessagePackReader reader);

    [Fact]
    public void Booleans() => Agree(Gen.Bool, (ref w, v) => w.Write(v), (ref r) => r.ReadBoolean(), (ref r) => r.ReadBoolean());

    [Fact]
    public void Integers_of_32_bits() => Agree(Gen.Int, (ref w, v) => w.Write(v), (ref r) => r.ReadInt32(), (ref r) => r.ReadInt32());

    [Fact]
    public void Integers_of_64_bits() => Agree(Gen.Long, (ref w, v) => w.Write(v), (ref r) => r.ReadInt64(), (ref r) => r.ReadInt64());

    [Fact]
    public void Unsigned_integers_of_32_bits() => Agree(Gen.UInt, (ref w, v) => w.Write(v), (ref r) => r.ReadUInt32(), (ref r) => r.ReadUInt32());

    [Fact]
    public void Unsigned_integers_of_64_bits() => Agree(Gen.ULong, (ref w, v) => w.Write(v), (ref r) => r.ReadUInt64(), (ref r) => r.ReadUInt64());

    [Fact]
    public void Floats_of_32_bits() => Agree(Gen.Float, (ref w, v) => w.Write(v), (ref r) => r.ReadSingle(), (ref r) => r.ReadSingle());

    [Fact]
    public void Floats_of_64_bits() => Agree(Gen.Double, (ref w, v) => w.Write(v), (ref r) => r.ReadDouble(), (ref r) => r.ReadDouble());

    [Fact]
    public void Whole_numbers_read_as_floats() => Agree(
        Gen.Long, (ref w, v) => w.Write(v), (ref r) => r.ReadDouble(), (ref r) => r.ReadDouble(), number => (double)number);

    [Fact]
    public void Texts() => Agree(
        Gens.AnyText, (ref w, v) => w.Write(v), (ref r) => r.ReadString(), (ref r) => r.ReadString()!,
        text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Binary_data() => Agree(
        Gens.Bytes, (ref w, v) => w.WriteBinary(v), (ref r) => Convert.ToHexString(r.ReadBinary()),
        (ref r) => Convert.ToHexString(r.ReadBytes()!.Value.ToArray()), Convert.ToHexString);

    [Fact]
    public void Uuids() => Agree(
        Gen.Guid, (ref w, v) => w.Write(v), (ref r) => r.ReadGuid(), (ref r) => new Guid(r.ReadBytes()!.Value.ToArray(), bigEndian: true));

    [Fact]
    public void Moments() => Agree(
        Gens.Moment, (ref w, v) => w.Write(v), (ref r) => r.ReadTimestamp(), (ref r) => new DateTimeOffset(r.ReadDateTime()));

    [Fact]
    public void Durations() => Agree(
        Gens.Duration, (ref w, v) => w.Write(v), (ref r) => r.ReadTimeSpan(),
        (ref r) => new TimeSpan(r.ReadInt64() / TimeSpan.NanosecondsPerTick));

    [Fact]
    public void Documents() => Gens.Document.Sample(document =>
    {
        byte[] data = Pack.Bytes((ref w) => Document.Write(ref w, document));
        Assert.Equal(PackageDocument.Bytes(document), data);
        Assert.True(Document.Same(document, Pack.Value(data, Document.Read)));
        Assert.True(Document.Same(document, PackageValue(data, PackageDocument.Read)));
        Pack.Value(data, Pack.Skip);
    }, iter: 300);

    private static void Agree<T>(Gen<T> values, WireWriter<T> write, Pack.Read<T> read, PackageRead<T> packageRead) =>
        Agree(values, write, read, packageRead, value => value);

    private static void Agree<T, TRead>(Gen<T> values, WireWriter<T> write, Pack.Read<TRead> read, PackageRead<TRead> packageRead, Func<T, TRead> expected) =>
        values.Sample(value =>
        {
            byte[] data = Pack.Bytes((ref w) => write(ref w, value));
            Assert.Equal(expected(value), PackageValue(data, packageRead));
            Assert.Equal(expected(value), Pack.Value(data, read));
            Pack.Value(data, Pack.Skip);
            for (int length = 0; length < Math.Min(data.Length, 20); length++)
                Assert.Equal(PackFailure.EndOfData, Pack.Failure(data.AsMemory(0, length), read));
        }, iter: Tries);

    private static T PackageValue<T>(byte[] data, PackageRead<T> read)
    {
        var reader = new MessagePackReader(data);
        T value = read(ref reader);
        Assert.True(reader.End, "bytes are left");
        return value;
    }
}
