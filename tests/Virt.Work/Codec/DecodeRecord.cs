using Virt.Rpc;
using Virt.Rpc.Packing;

namespace Virt.Work.Codec;

/// <summary>The body of a frame becomes a record or a list of them again.</summary>
internal sealed class DecodeRecord<T>(string name, T value, int operations, WireWriter<T> write, WireReader<T> read) : IWorkload
{
    private readonly byte[] _data = Packed.Of(value, write);

    public string Name { get; } = "decode." + name;

    public int Operations => operations;

    public void Run()
    {
        PackReader reader = new(_data);
        _ = read(ref reader);
        if (!reader.IsEnd)
            throw new InvalidDataException($"{Name} leaves bytes over");
    }
}
