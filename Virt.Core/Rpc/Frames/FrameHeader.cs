using Virt.Rpc.Packing;

namespace Virt.Rpc;

/// <summary>
/// The header of a frame: a MessagePack array of six integers. On the wire a frame is the length of what follows as an unsigned
/// 32-bit big-endian integer, this header, and one MessagePack value as the body.
/// </summary>
/// <param name="Procedure">Program, version and procedure number.</param>
/// <param name="Type">What the frame is for.</param>
/// <param name="Serial">The call it belongs to; chosen by the caller.</param>
/// <param name="Status">How a reply ended.</param>
public readonly record struct FrameHeader(ProcedureId Procedure, FrameType Type, int Serial, FrameStatus Status = FrameStatus.Ok)
{
    private const int Fields = 6;

    /// <summary>The header of the answer to this call.</summary>
    public FrameHeader Reply(FrameStatus status) => new(Procedure, FrameType.Reply, Serial, status);

    /// <summary>Writes the header.</summary>
    public void Write(ref PackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        writer.Write(Procedure.Program);
        writer.Write(Procedure.Version);
        writer.Write(Procedure.Number);
        writer.Write((int)Type);
        writer.Write(Serial);
        writer.Write((int)Status);
    }

    /// <summary>Reads a header.</summary>
    /// <exception cref="PackException">It is not an array of six integers, or has an unknown type or status, or a status that its type has not.</exception>
    public static FrameHeader Read(ref PackReader reader)
    {
        int fields = reader.ReadArrayHeader();
        if (fields != Fields)
            throw new PackException(PackFailure.BadData, $"a frame's header has {Fields} fields, this one has {fields}");

        ProcedureId procedure = new(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        int type = reader.ReadInt32();
        int serial = reader.ReadInt32();
        int status = reader.ReadInt32();
        if (type is < (int)FrameType.Call or > (int)FrameType.Cancel)
            throw new PackException(PackFailure.BadData, $"unknown frame type {type}");
        if (status is < (int)FrameStatus.Ok or > (int)FrameStatus.Continue)
            throw new PackException(PackFailure.BadData, $"unknown frame status {status}");
        if (status != (int)FrameStatus.Ok && (FrameType)type is not (FrameType.Reply or FrameType.Stream))
            throw new PackException(PackFailure.BadData, $"a frame of type {type} has no status, this one has {status}");
        return new(procedure, (FrameType)type, serial, (FrameStatus)status);
    }
}
