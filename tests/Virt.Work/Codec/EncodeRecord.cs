using Virt.Rpc;

namespace Virt.Work.Codec;

/// <summary>A record or a list of them becomes a frame, as a reply does.</summary>
internal sealed class EncodeRecord<T>(string name, T value, int operations, WireWriter<T> write) : IWorkload
{
    public string Name { get; } = "encode." + name;

    public int Operations => operations;

    public void Run() => FrameBuffer.Encode(Packed.Reply, value, write).Dispose();
}
