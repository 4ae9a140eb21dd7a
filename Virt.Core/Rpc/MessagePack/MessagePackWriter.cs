using System.Buffers;

namespace Virt.Rpc.MessagePack;

/// <summary>Writes MessagePack to a buffer.</summary>
public ref struct MessagePackWriter
{
    private readonly IBufferWriter<byte> _output;

    /// <summary>Writes to the output.</summary>
    public MessagePackWriter(IBufferWriter<byte> output) => _output = output;
}
