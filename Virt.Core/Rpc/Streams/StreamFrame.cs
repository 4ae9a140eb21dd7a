using MessagePack;
using Virt.Errors;
using Virt.Rpc.Packing;

namespace Virt.Rpc.Streams;

/// <summary>What a stream frame says.</summary>
internal enum StreamFrameKind
{
    /// <summary>Bytes.</summary>
    Data,
    /// <summary>The sender sends no more.</summary>
    End,
    /// <summary>The receiver may send that many bytes more.</summary>
    Credit,
    /// <summary>Both directions are over.</summary>
    Error,
}

/// <summary>The body of a stream frame: bin, nil or an integer; with the status error, an error record.</summary>
internal readonly ref struct StreamFrame
{
    private StreamFrame(StreamFrameKind kind) => Kind = kind;

    public StreamFrameKind Kind { get; }

    /// <summary>1 to <see cref="RpcLimits.StreamChunk"/> bytes.</summary>
    public ReadOnlySpan<byte> Data { get; private init; }

    /// <summary>More than 0 bytes.</summary>
    public int Credit { get; private init; }

    public ErrorRecord? Error { get; private init; }

    /// <summary>Reads a frame.</summary>
    /// <exception cref="InvalidDataException">It says none of these.</exception>
    public static StreamFrame Read(in FrameHeader header, ReadOnlyMemory<byte> body)
    {
        try
        {
            PackReader reader = new(body);
            StreamFrame frame = header.Status switch
            {
                FrameStatus.Error => new StreamFrame(StreamFrameKind.Error) { Error = ErrorRecordCodec.Read(ref reader) },
                FrameStatus.Ok => ReadBody(ref reader),
                _ => throw new InvalidDataException($"a stream frame has the status {header.Status}"),
            };
            return reader.IsEnd ? frame : throw new InvalidDataException("bytes follow the body of a stream frame");
        }
        catch (PackException e)
        {
            throw new InvalidDataException($"a stream frame cannot be read: {e.Message}", e);
        }
    }

    public static void WriteData(ref PackWriter writer, ReadOnlyMemory<byte> data) => writer.WriteBinary(data.Span);

    public static void WriteCredit(ref PackWriter writer, int credit) => writer.Write(credit);

    private static StreamFrame ReadBody(scoped ref PackReader reader)
    {
        if (reader.TryReadNil())
            return new StreamFrame(StreamFrameKind.End);
        if (reader.NextType == MessagePackType.Integer)
        {
            int credit = reader.ReadInt32();
            return credit > 0
                ? new StreamFrame(StreamFrameKind.Credit) { Credit = credit }
                : throw new InvalidDataException($"a stream was given a credit of {credit}");
        }

        ReadOnlySpan<byte> data = reader.ReadBinary();
        return data.Length is > 0 and <= RpcLimits.StreamChunk
            ? new StreamFrame(StreamFrameKind.Data) { Data = data }
            : throw new InvalidDataException($"a stream frame carries {data.Length} bytes; 1 to {RpcLimits.StreamChunk} are taken");
    }
}
