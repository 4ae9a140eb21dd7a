using System.Buffers;
using MessagePack;
using Virt.Rpc.Packing;

namespace Virt.Fuzz.Mutation;

/// <summary>A MessagePack value as a tree: what has no children is kept as its bytes.</summary>
internal sealed class PackNode
{
    private PackNode(byte[] bytes) => Bytes = bytes;

    private PackNode(bool isMap, List<PackNode> children)
    {
        IsMap = isMap;
        Children = children;
        Bytes = [];
    }

    /// <summary>The encoding of a value without children.</summary>
    public byte[] Bytes { get; set; }

    /// <summary>The elements, or keys and values by turns; null for a value without children.</summary>
    public List<PackNode>? Children { get; set; }

    /// <summary>Whether the children are keys and values.</summary>
    public bool IsMap { get; }

    /// <summary>A value without children.</summary>
    public static PackNode Leaf(byte[] bytes) => new(bytes);

    /// <summary>An array.</summary>
    public static PackNode Array(params IEnumerable<PackNode> children) => new(isMap: false, [.. children]);

    /// <summary>Reads a whole value; null when it is none.</summary>
    public static PackNode? Parse(ReadOnlyMemory<byte> data)
    {
        try
        {
            var reader = new PackReader(data);
            PackNode node = Read(ref reader, data, 0);
            return reader.IsEnd ? node : null;
        }
        catch (PackException)
        {
            return null;
        }
    }

    /// <summary>It and all below it.</summary>
    public IEnumerable<PackNode> All() => Children is null ? [this] : Children.SelectMany(child => child.All()).Prepend(this);

    /// <summary>A copy of its own.</summary>
    public PackNode Clone() => Children is null ? new([.. Bytes]) : new(IsMap, [.. Children.Select(child => child.Clone())]);

    /// <summary>The encoding.</summary>
    public byte[] ToBytes()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new PackWriter(output);
        Write(ref writer);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    private void Write(ref PackWriter writer)
    {
        if (Children is null)
        {
            writer.WriteRaw(Bytes);
            return;
        }

        if (IsMap)
            writer.WriteMapHeader(Children.Count / 2);
        else
            writer.WriteArrayHeader(Children.Count);
        foreach (PackNode child in IsMap ? Children.Take(Children.Count / 2 * 2) : Children)
            child.Write(ref writer);
    }

    private static PackNode Read(ref PackReader reader, ReadOnlyMemory<byte> data, int depth)
    {
        bool isMap = reader.NextType == MessagePackType.Map;
        if (!isMap && reader.NextType != MessagePackType.Array || depth > 60)
        {
            int begin = reader.Consumed;
            reader.Skip();
            return new(data[begin..reader.Consumed].ToArray());
        }

        int count = isMap ? 2 * reader.ReadMapHeader() : reader.ReadArrayHeader();
        List<PackNode> children = [];
        for (int i = 0; i < count; i++)
            children.Add(Read(ref reader, data, depth + 1));
        return new(isMap, children);
    }
}
