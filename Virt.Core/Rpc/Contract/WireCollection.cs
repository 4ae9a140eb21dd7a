using Virt.Rpc.Packing;

namespace Virt.Rpc;

/// <summary>Lists and maps, as generated codecs write and read them.</summary>
internal static class WireCollection
{
    /// <summary>Beyond this many elements room is made as they arrive, not as the sender announces them.</summary>
    private const int Presized = 1024;

    public static void WriteList<T>(ref PackWriter writer, IReadOnlyList<T> list, WireWriter<T> write)
    {
        ArgumentNullException.ThrowIfNull(list);
        int count = list.Count;
        writer.WriteArrayHeader(count);
        for (int i = 0; i < count; i++)
            write(ref writer, list[i]);
    }

    public static IReadOnlyList<T> ReadList<T>(ref PackReader reader, WireReader<T> read)
    {
        int count = Checked(WireArray.Begin(ref reader));
        IReadOnlyList<T> list = count <= Presized ? ReadArray(ref reader, count, read) : ReadGrowing(ref reader, count, read);
        reader.Leave();
        return list;
    }

    public static void WriteMap<T>(ref PackWriter writer, IReadOnlyDictionary<string, T> map, WireWriter<T> write)
    {
        ArgumentNullException.ThrowIfNull(map);
        writer.WriteMapHeader(map.Count);
        foreach (var (key, value) in map)
        {
            writer.Write(key);
            write(ref writer, value);
        }
    }

    public static IReadOnlyDictionary<string, T> ReadMap<T>(ref PackReader reader, WireReader<T> read)
    {
        reader.Enter();
        int count = Checked(reader.ReadMapHeader());
        var map = new Dictionary<string, T>(Math.Min(count, Presized), StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            string key = reader.ReadString();
            if (!map.TryAdd(key, read(ref reader)))
                throw new PackException(PackFailure.BadData, $"the map has the key \"{key}\" twice");
        }

        reader.Leave();
        return map;
    }

    private static int Checked(int count) => count <= RpcLimits.Elements ? count : throw new PackException(
        PackFailure.BadData, $"a list of {count} elements is beyond the limit of {RpcLimits.Elements}");

    private static T[] ReadArray<T>(ref PackReader reader, int count, WireReader<T> read)
    {
        var array = count == 0 ? [] : new T[count];
        for (int i = 0; i < array.Length; i++)
            array[i] = read(ref reader);
        return array;
    }

    private static List<T> ReadGrowing<T>(ref PackReader reader, int count, WireReader<T> read)
    {
        var list = new List<T>(Presized);
        for (int i = 0; i < count; i++)
            list.Add(read(ref reader));
        return list;
    }
}
