using Virt.Rpc.Packing;

namespace Virt.Work.Primitives;

/// <summary>Reads the values.</summary>
internal sealed class ReadValues(string name, IValues values) : IWorkload
{
    private readonly byte[] _data = Packed.Of(values, static (ref PackWriter writer, IValues all) => all.Write(ref writer));

    public string Name { get; } = "read." + name;

    public int Operations => values.Count;

    public void Run()
    {
        PackReader reader = new(_data);
        values.Read(ref reader);
    }
}
