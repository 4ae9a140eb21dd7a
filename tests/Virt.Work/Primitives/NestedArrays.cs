using Virt.Rpc.Packing;

namespace Virt.Work.Primitives;

/// <summary>Arrays of three: a number, a truth and nothing.</summary>
internal sealed class NestedArrays(int count) : IValues
{
    public int Count => count;

    public void Write(ref PackWriter writer)
    {
        writer.WriteArrayHeader(count);
        for (int i = 0; i < count; i++)
        {
            writer.WriteArrayHeader(3);
            writer.Write(i);
            writer.Write((i & 1) != 0);
            writer.WriteNil();
        }
    }

    public void Read(ref PackReader reader)
    {
        int arrays = reader.ReadArrayHeader();
        for (int i = 0; i < arrays; i++)
        {
            reader.Enter();
            _ = reader.ReadArrayHeader();
            _ = reader.ReadInt32();
            _ = reader.ReadBoolean();
            reader.ReadNil();
            reader.Leave();
        }
    }
}
