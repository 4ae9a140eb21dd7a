using MessagePack;
using Virt.Rpc.Packing;

namespace Virt.Tests.Core.Packing;

/// <summary>Every one of the 256 format bytes, from a table written by hand after the specification.</summary>
public class FormatByteTests
{
    /// <summary>First and last format byte, family, and what must follow so that the value is whole (one hex text for the range,
    /// or for fix formats a byte that is repeated by the low bits).</summary>
    private static readonly (byte First, byte Last, MessagePackType Kind, string? Tail, int Mask, int Times)[] Table =
    [
        (0x00, 0x7f, MessagePackType.Integer, "", 0, 0),
        (0x80, 0x8f, MessagePackType.Map, null, 0x0f, 2),
        (0x90, 0x9f, MessagePackType.Array, null, 0x0f, 1),
        (0xa0, 0xbf, MessagePackType.String, null, 0x1f, 1),
        (0xc0, 0xc0, MessagePackType.Nil, "", 0, 0),
        (0xc2, 0xc3, MessagePackType.Boolean, "", 0, 0),
        (0xc4, 0xc4, MessagePackType.Binary, "02 0102", 0, 0),
        (0xc5, 0xc5, MessagePackType.Binary, "0002 0102", 0, 0),
        (0xc6, 0xc6, MessagePackType.Binary, "00000002 0102", 0, 0),
        (0xc7, 0xc7, MessagePackType.Extension, "02 07 0102", 0, 0),
        (0xc8, 0xc8, MessagePackType.Extension, "0002 07 0102", 0, 0),
        (0xc9, 0xc9, MessagePackType.Extension, "00000002 07 0102", 0, 0),
        (0xca, 0xca, MessagePackType.Float, "3fc00000", 0, 0),
        (0xcb, 0xcb, MessagePackType.Float, "3ff8000000000000", 0, 0),
        (0xcc, 0xcc, MessagePackType.Integer, "ff", 0, 0),
        (0xcd, 0xcd, MessagePackType.Integer, "ffff", 0, 0),
        (0xce, 0xce, MessagePackType.Integer, "ffffffff", 0, 0),
        (0xcf, 0xcf, MessagePackType.Integer, "ffffffffffffffff", 0, 0),
        (0xd0, 0xd0, MessagePackType.Integer, "80", 0, 0),
        (0xd1, 0xd1, MessagePackType.Integer, "8000", 0, 0),
        (0xd2, 0xd2, MessagePackType.Integer, "80000000", 0, 0),
        (0xd3, 0xd3, MessagePackType.Integer, "8000000000000000", 0, 0),
        (0xd4, 0xd4, MessagePackType.Extension, "07 01", 0, 0),
        (0xd5, 0xd5, MessagePackType.Extension, "07 0102", 0, 0),
        (0xd6, 0xd6, MessagePackType.Extension, "07 01020304", 0, 0),
        (0xd7, 0xd7, MessagePackType.Extension, "07 0102030405060708", 0, 0),
        (0xd8, 0xd8, MessagePackType.Extension, "07 0102030405060708090a0b0c0d0e0f10", 0, 0),
        (0xd9, 0xd9, MessagePackType.String, "02 6162", 0, 0),
        (0xda, 0xda, MessagePackType.String, "0002 6162", 0, 0),
        (0xdb, 0xdb, MessagePackType.String, "00000002 6162", 0, 0),
        (0xdc, 0xdc, MessagePackType.Array, "0002 c0c0", 0, 0),
        (0xdd, 0xdd, MessagePackType.Array, "00000002 c0c0", 0, 0),
        (0xde, 0xde, MessagePackType.Map, "0001 c0c0", 0, 0),
        (0xdf, 0xdf, MessagePackType.Map, "00000001 c0c0", 0, 0),
        (0xe0, 0xff, MessagePackType.Integer, "", 0, 0),
    ];

    public static TheoryData<byte> AllBytes => [.. Enumerable.Range(0, 256).Select(code => (byte)code)];

    [Theory]
    [MemberData(nameof(AllBytes))]
    public void Every_format_byte_is_read_as_the_specification_says(byte code)
    {
        if (code == 0xc1)
        {
            Assert.Equal(PackFailure.BadData, Pack.Failure<bool>((byte[])[code], Pack.Skip));
            Assert.Equal(MessagePackType.Unknown, new PackReader((byte[])[code]).NextType);
            return;
        }

        var row = Assert.Single(Table, row => code >= row.First && code <= row.Last);
        byte[] rest = row.Tail is { } hex
            ? Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))
            : [.. Enumerable.Repeat((byte)0x2a, (code & row.Mask) * row.Times)];
        byte[] whole = [code, .. rest];

        Assert.Equal(row.Kind, new PackReader(whole).NextType);
        Pack.Value(whole, Pack.Skip);
        Pack.Value<bool>(whole.ToArray(), (ref reader) =>
        {
            ReadAs(row.Kind, ref reader);
            return true;
        });
        for (int length = 0; length < whole.Length; length++)
            Assert.Equal(PackFailure.EndOfData, Pack.Failure<bool>(whole.AsMemory(0, length), Pack.Skip));

        // Each family is refused where another is expected.
        if (row.Kind != MessagePackType.Array)
            Assert.Equal(PackFailure.BadData, Pack.Failure(whole, (ref r) => r.ReadArrayHeader()));
        if (row.Kind != MessagePackType.Map)
            Assert.Equal(PackFailure.BadData, Pack.Failure(whole, (ref r) => r.ReadMapHeader()));
        if (row.Kind != MessagePackType.String)
            Assert.Equal(PackFailure.BadData, Pack.Failure(whole, (ref r) => r.ReadString()));
        if (row.Kind != MessagePackType.Binary)
            Assert.Equal(PackFailure.BadData, Pack.Failure(whole, (ref r) => r.ReadBinary().Length));
        if (row.Kind != MessagePackType.Extension)
            Assert.Equal(PackFailure.BadData, Pack.Failure(whole, (ref r) => r.ReadExtension(out _).Length));
        if (row.Kind != MessagePackType.Integer)
        {
            Assert.Equal(PackFailure.BadData, Pack.Failure(whole, (ref r) => r.ReadInt64()));
            Assert.Equal(PackFailure.BadData, Pack.Failure(whole, (ref r) => r.ReadUInt64()));
        }

        if (row.Kind is not (MessagePackType.Integer or MessagePackType.Float))
            Assert.Equal(PackFailure.BadData, Pack.Failure(whole, (ref r) => r.ReadDouble()));
        if (row.Kind != MessagePackType.Boolean)
            Assert.Equal(PackFailure.BadData, Pack.Failure(whole, (ref r) => r.ReadBoolean()));
        Assert.Equal(row.Kind == MessagePackType.Nil, new PackReader(whole).TryReadNil());
    }

    [Fact]
    public void The_table_covers_every_byte_but_the_reserved_one() =>
        Assert.Equal(255, Table.Sum(row => row.Last - row.First + 1));

    private static void ReadAs(MessagePackType kind, ref PackReader reader)
    {
        switch (kind)
        {
            case MessagePackType.Nil:
                reader.ReadNil();
                break;
            case MessagePackType.Boolean:
                reader.ReadBoolean();
                break;
            case MessagePackType.Integer when reader.Remaining[0] == 0xcf:
                Assert.Equal(ulong.MaxValue, reader.ReadUInt64());
                break;
            case MessagePackType.Integer:
                reader.ReadInt64();
                break;
            case MessagePackType.Float:
                Assert.Equal(1.5, reader.ReadDouble());
                break;
            case MessagePackType.String:
                reader.ReadString();
                break;
            case MessagePackType.Binary:
                Assert.Equal([1, 2], reader.ReadBinary().ToArray());
                break;
            case MessagePackType.Array:
                reader.Skip(reader.ReadArrayHeader());
                break;
            case MessagePackType.Map:
                reader.Skip(2 * reader.ReadMapHeader());
                break;
            default:
                Assert.Equal(1, reader.ReadExtension(out sbyte type)[0]);
                Assert.Equal(7, type);
                break;
        }
    }
}
