using Virt.Rpc.Packing;

namespace Virt.Work.Primitives;

/// <summary>Unsigned integers of all widths.</summary>
internal sealed class IntegerValues(int count) : IValues
{
    private readonly uint[] _values = [.. Enumerable.Range(0, count).Select(index => uint.MaxValue >> (index * 7 % 32))];

    public int Count => count;

    public void Write(ref PackWriter writer)
    {
        foreach (uint value in _values)
            writer.Write(value);
    }

    public void Read(ref PackReader reader)
    {
        uint sum = 0;
        for (int i = 0; i < count; i++)
            sum ^= reader.ReadUInt32();
        GC.KeepAlive(sum);
    }
}
