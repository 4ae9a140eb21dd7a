using System.Buffers;
using System.Buffers.Binary;
using Virt.Remote;
using Virt.Rpc;
using Virt.Rpc.Packing;

namespace Virt.Fuzz.Targets;

/// <summary>Makes frames.</summary>
internal static class Wire
{
    /// <summary>A frame with this body.</summary>
    public static byte[] Frame(FrameHeader header, ReadOnlySpan<byte> body)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(output);
        header.Write(ref writer);
        writer.Flush();
        byte[] frame = new byte[4 + output.WrittenCount + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length - 4);
        output.WrittenSpan.CopyTo(frame.AsSpan(4));
        body.CopyTo(frame.AsSpan(4 + output.WrittenCount));
        return frame;
    }

    /// <summary>A call.</summary>
    public static byte[] Call(ProcedureId procedure, int serial, ReadOnlySpan<byte> arguments) =>
        Frame(new FrameHeader(procedure, FrameType.Call, serial), arguments);

    /// <summary>The call that opens the test host.</summary>
    public static byte[] Open(int serial, string name = "test:///default", int options = 0) =>
        Call(new(RemoteProgram.Number, 1, RemoteProcedure.Open), serial, Pack((ref PackWriter writer) =>
        {
            writer.WriteArrayHeader(2);
            writer.Write(name);
            writer.Write(options);
        }));

    /// <summary>One value.</summary>
    public static byte[] Pack(PackWrite write)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(output);
        write(ref writer);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }
}

/// <summary>Writes one value.</summary>
internal delegate void PackWrite(ref PackWriter writer);
