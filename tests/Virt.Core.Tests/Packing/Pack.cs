using System.Buffers;
using Virt.Rpc.Packing;

namespace Virt.Tests.Core.Packing;

/// <summary>Writing and reading in one expression.</summary>
internal static class Pack
{
    internal delegate void Write(ref PackWriter writer);

    internal delegate T Read<out T>(ref PackReader reader);

    public static byte[] Bytes(Write write)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(output);
        write(ref writer);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    public static string Hex(Write write) => Convert.ToHexStringLower(Bytes(write));

    /// <summary>Reads one value and insists that nothing is left.</summary>
    public static T Value<T>(ReadOnlyMemory<byte> data, Read<T> read)
    {
        var reader = new PackReader(data);
        T value = read(ref reader);
        Assert.True(reader.IsEnd, "bytes are left");
        Assert.Equal(data.Length, reader.Consumed);
        return value;
    }

    public static T Value<T>(string hex, Read<T> read) => Value(Convert.FromHexString(hex), read);

    public static PackFailure Failure<T>(ReadOnlyMemory<byte> data, Read<T> read)
    {
        try
        {
            var reader = new PackReader(data);
            read(ref reader);
        }
        catch (PackException e)
        {
            Assert.False(string.IsNullOrWhiteSpace(e.Message));
            return e.Kind;
        }

        Assert.Fail("read without a failure: " + Convert.ToHexStringLower(data.Span));
        return default;
    }

    public static PackFailure Failure<T>(string hex, Read<T> read) => Failure(Convert.FromHexString(hex), read);

    public static bool Skip(ref PackReader reader)
    {
        reader.Skip();
        return true;
    }
}
