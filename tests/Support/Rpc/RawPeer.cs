using System.Buffers;
using System.Buffers.Binary;
using Virt.Errors;
using Virt.Remote;
using Virt.Rpc;
using Virt.Rpc.Packing;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>A peer that writes what it wants and reads frame by frame.</summary>
internal sealed class RawPeer(Stream stream) : IDisposable
{
    internal delegate void Body(ref PackWriter writer);

    public Stream Stream => stream;

    public static byte[] Frame(
        int program, int version, int procedure, int type, int serial, int status, Body? body = null)
    {
        ArrayBufferWriter<byte> output = new();
        PackWriter writer = new(output);
        writer.WriteArrayHeader(6);
        foreach (int field in (int[])[program, version, procedure, type, serial, status])
            writer.Write(field);
        if (body is null)
            writer.WriteArrayHeader(0);
        else
            body(ref writer);
        writer.Flush();
        return [.. Length(output.WrittenCount), .. output.WrittenSpan];
    }

    public static byte[] Length(int length)
    {
        byte[] prefix = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(prefix, length);
        return prefix;
    }

    public static byte[] Call(int procedure, int serial, Body? body = null, int program = RemoteProgram.Number, int version = 1) =>
        Frame(program, version, procedure, (int)FrameType.Call, serial, 0, body);

    public static byte[] Open(int serial) => Call(RemoteProcedure.Open, serial, static (ref PackWriter writer) =>
    {
        writer.WriteArrayHeader(2);
        writer.Write("fake:///system");
        writer.Write(0);
    });

    public ValueTask SendAsync(byte[] bytes, CancellationToken cancel) => stream.WriteAsync(bytes, cancel);

    /// <summary>Reads a frame; null at the end of the connection.</summary>
    public async Task<(FrameHeader Header, byte[] Body)?> ReadAsync(CancellationToken cancel)
    {
        try
        {
            byte[] prefix = new byte[4];
            await stream.ReadExactlyAsync(prefix, cancel);
            byte[] frame = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix)];
            await stream.ReadExactlyAsync(frame, cancel);
            PackReader reader = new(frame);
            FrameHeader header = FrameHeader.Read(ref reader);
            return (header, frame[reader.Consumed..]);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Reads until the answer to this call, skipping keepalive and events.</summary>
    public async Task<(FrameHeader Header, byte[] Body)> ReadReplyAsync(int serial, CancellationToken cancel)
    {
        while (await ReadAsync(cancel) is { } frame)
        {
            if (frame.Header.Type == FrameType.Reply && frame.Header.Serial == serial)
                return frame;
        }

        throw new EndOfStreamException($"no answer to call {serial}");
    }

    public async Task<ErrorRecord> ReadErrorAsync(int serial, CancellationToken cancel)
    {
        (FrameHeader header, byte[] body) = await ReadReplyAsync(serial, cancel);
        Assert.Equal(FrameStatus.Error, header.Status);
        PackReader reader = new(body);
        return ErrorRecordCodec.Read(ref reader);
    }

    /// <summary>Reads until the connection ends.</summary>
    public async Task ReadToEndAsync(CancellationToken cancel)
    {
        while (await ReadAsync(cancel) is not null)
        {
        }
    }

    public void Dispose() => stream.Dispose();
}
