using System.Text;
using CsCheck;

namespace Virt.Tests.Core.Packing;

/// <summary>Random values, as CsCheck makes them: small and large ones, and those at the ends of their ranges.</summary>
internal static class Gens
{
    private const int Depth = 3;

    /// <summary>Any text, also with half a surrogate pair.</summary>
    public static Gen<string> AnyText { get; } = Gen.OneOf(Gen.String, Gen.String[Gen.Char.AlphaNumeric, 0, 40], Gen.String[0, 400]);

    /// <summary>Text as it comes back: what is no Unicode has become U+FFFD.</summary>
    public static Gen<string> Text { get; } = AnyText.Select(text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)));

    /// <summary>A moment in UTC.</summary>
    public static Gen<DateTimeOffset> Moment { get; } = Gen.OneOf(
        Gen.DateTimeOffset.Select(moment => moment.ToUniversalTime()),
        Gen.Int[0, int.MaxValue].Select(seconds => DateTimeOffset.FromUnixTimeSeconds(seconds)),
        Gen.OneOf(Gen.Const(DateTimeOffset.MinValue), Gen.Const(DateTimeOffset.MaxValue), Gen.Const(DateTimeOffset.UnixEpoch)));

    /// <summary>A duration that 64 bits of nanoseconds can say.</summary>
    public static Gen<TimeSpan> Duration { get; } = Gen.Long.Select(nanoseconds => new TimeSpan(nanoseconds / TimeSpan.NanosecondsPerTick));

    /// <summary>Bytes, few and many.</summary>
    public static Gen<byte[]> Bytes { get; } = Gen.OneOf(Gen.Byte.Array[0, 40], Gen.Byte.Array[0, 400]);

    private static Gen<object?> Scalar { get; } = Gen.OneOf(
        Gen.Const((object?)null),
        Gen.Bool.Select(flag => (object?)flag),
        Gen.Long.Select(number => (object?)number),
        Gen.ULong.Select(number => number > long.MaxValue ? (object?)number : (long)number),
        Gen.Double.Select(number => (object?)number),
        Text.Select(text => (object?)text),
        Bytes.Select(bytes => (object?)bytes),
        Moment.Select(moment => (object?)moment),
        Gen.Select(Gen.SByte[0, sbyte.MaxValue], Bytes, (type, data) => (object?)new Extension(type, Convert.ToHexStringLower(data))));

    // Behind the scalars, of which it is made.
    /// <summary>A value of <see cref="Packing.Document"/>, however nested.</summary>
    public static Gen<object?> Document { get; } = Nested(Depth);

    private static Gen<object?> Nested(int depth)
    {
        if (depth == 0)
            return Scalar;
        Gen<object?> inner = Nested(depth - 1);
        return Gen.OneOf(
            Scalar,
            inner.Array[0, 6].Select(array => (object?)array),
            Gen.Select(Text, inner, (key, value) => KeyValuePair.Create((object?)key, value)).List[0, 6].Select(map => (object?)map));
    }
}
