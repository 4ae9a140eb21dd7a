namespace Virt.Rpc.MessagePack;

/// <summary>Reads MessagePack from a span.</summary>
public ref struct MessagePackReader
{
    /// <summary>Starts at the first byte.</summary>
    public MessagePackReader(ReadOnlySpan<byte> data) => Remaining = data;

    /// <summary>What is not yet read.</summary>
    public ReadOnlySpan<byte> Remaining { get; }
}
