using System.Buffers;
using Virt.Rpc.MessagePack;

namespace Virt.Tests.Core.MessagePack;

/// <summary>Writing and reading in one expression.</summary>
internal static class Pack
{
    internal delegate void Write(ref MessagePackWriter writer);

    internal delegate T Read<out T>(ref MessagePackReader reader);

    public static byte[] Bytes(Write write)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        write(ref writer);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    public static string Hex(Write write) => Convert.ToHexStringLower(Bytes(write));

    /// <summary>Reads one value and insists that nothing is left.</summary>
    public static T Value<T>(ReadOnlySpan<byte> data, Read<T> read)
    {
        var reader = new MessagePackReader(data);
        T value = read(ref reader);
        Assert.True(reader.IsEnd, "bytes are left");
        Assert.Equal(data.Length, reader.Consumed);
        return value;
    }

    public static T Value<T>(string hex, Read<T> read) => Value(Convert.FromHexString(hex), read);

    public static MessagePackFailure Failure<T>(ReadOnlySpan<byte> data, Read<T> read)
    {
        try
        {
            var reader = new MessagePackReader(data);
            read(ref reader);
        }
        catch (MessagePackException e)
        {
            Assert.False(string.IsNullOrWhiteSpace(e.Message));
            return e.Kind;
        }

        Assert.Fail("read without a failure: " + Convert.ToHexStringLower(data));
        return default;
    }

    public static MessagePackFailure Failure<T>(string hex, Read<T> read) => Failure(Convert.FromHexString(hex), read);

    public static bool Skip(ref MessagePackReader reader)
    {
        reader.Skip();
        return true;
    }
}
