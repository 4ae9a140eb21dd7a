using Virt.Rpc.MessagePack;

namespace Virt.Work.Primitives;

/// <summary>Values of one kind, to be written and read one after the other.</summary>
internal interface IValues
{
    int Count { get; }

    void Write(ref MessagePackWriter writer);

    void Read(ref MessagePackReader reader);
}
