using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MessagePack;

namespace Virt.Rpc.Packing;

/// <summary>Throws out of line, so that the reader's methods stay small enough to inline.</summary>
internal static class PackThrow
{
    [DoesNotReturn]
    public static void EndOfData(int position) => throw new PackException(
        PackFailure.EndOfData, string.Create(CultureInfo.InvariantCulture, $"the data ends inside the value at byte {position}"));

    [DoesNotReturn]
    public static void TooMany(int position, uint count, string what) => throw new PackException(
        PackFailure.EndOfData,
        string.Create(CultureInfo.InvariantCulture, $"byte {position} announces {count} {what}, more than the data that follows can hold"));

    [DoesNotReturn]
    public static void Unexpected(int position, byte code, string expected)
    {
        string found = MessagePackCode.ToMessagePackType(code) switch
        {
            MessagePackType.Nil => "nil",
            MessagePackType.Boolean => "a boolean",
            MessagePackType.Integer => "an integer",
            MessagePackType.Float => "a float",
            MessagePackType.String => "a string",
            MessagePackType.Binary => "binary data",
            MessagePackType.Array => "an array",
            MessagePackType.Map => "a map",
            MessagePackType.Extension => "an extension",
            _ => "the reserved byte 0xc1",
        };
        BadData(position, $"expected {expected}, found {found}");
    }

    [DoesNotReturn]
    public static void OutOfRange(int position, string type) => BadData(position, $"the number does not fit {type}");

    [DoesNotReturn]
    public static void TooDeep(int position) =>
        BadData(position, string.Create(CultureInfo.InvariantCulture, $"arrays and maps nest deeper than {RpcLimits.Depth}"));

    [DoesNotReturn]
    public static void BadData(int position, string what) => throw new PackException(
        PackFailure.BadData, string.Create(CultureInfo.InvariantCulture, $"{what} (at byte {position})"));
}
