using System.Buffers;
using Virt.Rpc.Packing;

namespace Virt.Work.Primitives;

/// <summary>Writes the values to memory that is there already.</summary>
internal sealed class WriteValues(string name, IValues values) : IWorkload
{
    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);

    public string Name { get; } = "write." + name;

    public int Operations => values.Count;

    public void Run()
    {
        _output.ResetWrittenCount();
        PackWriter writer = new(_output);
        values.Write(ref writer);
        writer.Flush();
    }
}
