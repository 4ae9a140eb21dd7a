using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Virt.Rpc.MessagePack;

/// <summary>Throws out of line, so that the reader's methods stay small enough to inline.</summary>
internal static class MessagePackThrow
{
    [DoesNotReturn]
    public static void EndOfData(int position) => throw new MessagePackException(
        MessagePackFailure.EndOfData, string.Create(CultureInfo.InvariantCulture, $"the data ends inside the value at byte {position}"));

    [DoesNotReturn]
    public static void TooMany(int position, uint count, string what) => throw new MessagePackException(
        MessagePackFailure.EndOfData,
        string.Create(CultureInfo.InvariantCulture, $"byte {position} announces {count} {what}, more than the data that follows can hold"));

    [DoesNotReturn]
    public static void Unexpected(int position, byte code, string expected)
    {
        string found = MessagePackCode.KindOf(code) switch
        {
            MessagePackKind.Nil => "nil",
            MessagePackKind.Boolean => "a boolean",
            MessagePackKind.Integer => "an integer",
            MessagePackKind.Float => "a float",
            MessagePackKind.String => "a string",
            MessagePackKind.Binary => "binary data",
            MessagePackKind.Array => "an array",
            MessagePackKind.Map => "a map",
            MessagePackKind.Extension => "an extension",
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
    public static void BadData(int position, string what) => throw new MessagePackException(
        MessagePackFailure.BadData, string.Create(CultureInfo.InvariantCulture, $"{what} (at byte {position})"));
}
