using Virt.Rpc.Packing;

namespace Virt.Work.Primitives;

/// <summary>Values of one kind, to be written and read one after the other.</summary>
internal interface IValues
{
    int Count { get; }

    void Write(ref PackWriter writer);

    void Read(ref PackReader reader);
}
