using Virt.Rpc.MessagePack;

namespace Virt.Tests.Core.MessagePack;

/// <summary>Every one of the 256 format bytes, from a table written by hand after the specification.</summary>
public class FormatByteTests
{
    /// <summary>First and last format byte, family, and what must follow so that the value is whole (one hex text for the range,
    /// or for fix formats a byte that is repeated by the low bits).</summary>
    private static readonly (byte First, byte Last, MessagePackKind Kind, string? Tail, int Mask, int Times)[] Table =
    [
        (0x00, 0x7f, MessagePackKind.Integer, "", 0, 0),
        (0x80, 0x8f, MessagePackKind.Map, null, 0x0f, 2),
        (0x90, 0x9f, MessagePackKind.Array, null, 0x0f, 1),
        (0xa0, 0xbf, MessagePackKind.String, null, 0x1f, 1),
        (0xc0, 0xc0, MessagePackKind.Nil, "", 0, 0),
        (0xc2, 0xc3, MessagePackKind.Boolean, "", 0, 0),
        (0xc4, 0xc4, MessagePackKind.Binary, "02 0102", 0, 0),
        (0xc5, 0xc5, MessagePackKind.Binary, "0002 0102", 0, 0),
        (0xc6, 0xc6, MessagePackKind.Binary, "00000002 0102", 0, 0),
        (0xc7, 0xc7, MessagePackKind.Extension, "02 07 0102", 0, 0),
        (0xc8, 0xc8, MessagePackKind.Extension, "0002 07 0102", 0, 0),
        (0xc9, 0xc9, MessagePackKind.Extension, "00000002 07 0102", 0, 0),
        (0xca, 0xca, MessagePackKind.Float, "3fc00000", 0, 0),
        (0xcb, 0xcb, MessagePackKind.Float, "3ff8000000000000", 0, 0),
        (0xcc, 0xcc, MessagePackKind.Integer, "ff", 0, 0),
        (0xcd, 0xcd, MessagePackKind.Integer, "ffff", 0, 0),
        (0xce, 0xce, MessagePackKind.Integer, "ffffffff", 0, 0),
        (0xcf, 0xcf, MessagePackKind.Integer, "ffffffffffffffff", 0, 0),
        (0xd0, 0xd0, MessagePackKind.Integer, "80", 0, 0),
        (0xd1, 0xd1, MessagePackKind.Integer, "8000", 0, 0),
        (0xd2, 0xd2, MessagePackKind.Integer, "80000000", 0, 0),
        (0xd3, 0xd3, MessagePackKind.Integer, "8000000000000000", 0, 0),
        (0xd4, 0xd4, MessagePackKind.Extension, "07 01", 0, 0),
        (0xd5, 0xd5, MessagePackKind.Extension, "07 0102", 0, 0),
        (0xd6, 0xd6, MessagePackKind.Extension, "07 01020304", 0, 0),
        (0xd7, 0xd7, MessagePackKind.Extension, "07 0102030405060708", 0, 0),
        (0xd8, 0xd8, MessagePackKind.Extension, "07 0102030405060708090a0b0c0d0e0f10", 0, 0),
        (0xd9, 0xd9, MessagePackKind.String, "02 6162", 0, 0),
        (0xda, 0xda, MessagePackKind.String, "0002 6162", 0, 0),
        (0xdb, 0xdb, MessagePackKind.String, "00000002 6162", 0, 0),
        (0xdc, 0xdc, MessagePackKind.Array, "0002 c0c0", 0, 0),
        (0xdd, 0xdd, MessagePackKind.Array, "00000002 c0c0", 0, 0),
        (0xde, 0xde, MessagePackKind.Map, "0001 c0c0", 0, 0),
        (0xdf, 0xdf, MessagePackKind.Map, "00000001 c0c0", 0, 0),
        (0xe0, 0xff, MessagePackKind.Integer, "", 0, 0),
    ];

    public static TheoryData<byte> AllBytes => [.. Enumerable.Range(0, 256).Select(code => (byte)code)];

    [Theory]
    [MemberData(nameof(AllBytes))]
    public void Every_format_byte_is_read_as_the_specification_says(byte code)
    {
        if (code == 0xc1)
        {
            Assert.Equal(MessagePackFailure.BadData, Pack.Failure<bool>([code], Pack.Skip));
            Assert.Equal(MessagePackKind.Reserved, new MessagePackReader([code]).NextKind);
            return;
        }

        var row = Assert.Single(Table, row => code >= row.First && code <= row.Last);
        byte[] rest = row.Tail is { } hex
            ? Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))
            : [.. Enumerable.Repeat((byte)0x2a, (code & row.Mask) * row.Times)];
        byte[] whole = [code, .. rest];

        Assert.Equal(row.Kind, new MessagePackReader(whole).NextKind);
        Pack.Value(whole, Pack.Skip);
        Pack.Value<bool>([.. whole], (ref reader) =>
        {
            ReadAs(row.Kind, ref reader);
            return true;
        });
        for (int length = 0; length < whole.Length; length++)
            Assert.Equal(MessagePackFailure.EndOfData, Pack.Failure<bool>(whole.AsSpan(0, length), Pack.Skip));

        // Each family is refused where another is expected.
        if (row.Kind != MessagePackKind.Array)
            Assert.Equal(MessagePackFailure.BadData, Pack.Failure(whole, (ref r) => r.ReadArrayHeader()));
        if (row.Kind != MessagePackKind.Map)
            Assert.Equal(MessagePackFailure.BadData, Pack.Failure(whole, (ref r) => r.ReadMapHeader()));
        if (row.Kind != MessagePackKind.String)
            Assert.Equal(MessagePackFailure.BadData, Pack.Failure(whole, (ref r) => r.ReadString()));
        if (row.Kind != MessagePackKind.Binary)
            Assert.Equal(MessagePackFailure.BadData, Pack.Failure(whole, (ref r) => r.ReadBinary().Length));
        if (row.Kind != MessagePackKind.Extension)
            Assert.Equal(MessagePackFailure.BadData, Pack.Failure(whole, (ref r) => r.ReadExtension(out _).Length));
        if (row.Kind != MessagePackKind.Integer)
        {
            Assert.Equal(MessagePackFailure.BadData, Pack.Failure(whole, (ref r) => r.ReadInt64()));
            Assert.Equal(MessagePackFailure.BadData, Pack.Failure(whole, (ref r) => r.ReadUInt64()));
        }

        if (row.Kind is not (MessagePackKind.Integer or MessagePackKind.Float))
            Assert.Equal(MessagePackFailure.BadData, Pack.Failure(whole, (ref r) => r.ReadDouble()));
        if (row.Kind != MessagePackKind.Boolean)
            Assert.Equal(MessagePackFailure.BadData, Pack.Failure(whole, (ref r) => r.ReadBoolean()));
        Assert.Equal(row.Kind == MessagePackKind.Nil, new MessagePackReader(whole).TryReadNil());
    }

    [Fact]
    public void The_table_covers_every_byte_but_the_reserved_one() =>
        Assert.Equal(255, Table.Sum(row => row.Last - row.First + 1));

    private static void ReadAs(MessagePackKind kind, ref MessagePackReader reader)
    {
        switch (kind)
        {
            case MessagePackKind.Nil:
                reader.ReadNil();
                break;
            case MessagePackKind.Boolean:
                reader.ReadBoolean();
                break;
            case MessagePackKind.Integer when reader.Remaining[0] == 0xcf:
                Assert.Equal(ulong.MaxValue, reader.ReadUInt64());
                break;
            case MessagePackKind.Integer:
                reader.ReadInt64();
                break;
            case MessagePackKind.Float:
                Assert.Equal(1.5, reader.ReadDouble());
                break;
            case MessagePackKind.String:
                reader.ReadString();
                break;
            case MessagePackKind.Binary:
                Assert.Equal([1, 2], reader.ReadBinary().ToArray());
                break;
            case MessagePackKind.Array:
                reader.Skip(reader.ReadArrayHeader());
                break;
            case MessagePackKind.Map:
                reader.Skip(2 * reader.ReadMapHeader());
                break;
            default:
                Assert.Equal(1, reader.ReadExtension(out sbyte type)[0]);
                Assert.Equal(7, type);
                break;
        }
    }
}
