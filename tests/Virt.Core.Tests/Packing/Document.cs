using MessagePack;
using Virt.Rpc.Packing;

namespace Virt.Tests.Core.Packing;

/// <summary>An extension of the user's own.</summary>
internal sealed record Extension(sbyte Type, string Hex);

/// <summary>Any MessagePack document as objects, and random ones.</summary>
internal static class Document
{
    public static object? Random(Random random, int depth)
    {
        switch (random.Next(depth > 0 ? 12 : 9))
        {
            case 0:
                return null;
            case 1:
                return random.Next(2) == 0;
            case 2:
                return random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
            case 3:
                return long.MaxValue + (ulong)random.NextInt64(1, long.MaxValue);
            case 4:
                return BitConverter.Int64BitsToDouble(random.NextInt64());
            case 5:
                return Text(random);
            case 6:
                byte[] bytes = new byte[random.Next(random.Next(4) == 0 ? 70_000 : 40)];
                random.NextBytes(bytes);
                return bytes;
            case 7:
                return new DateTimeOffset(random.NextInt64(DateTimeOffset.MaxValue.Ticks), TimeSpan.Zero);
            case 8:
                byte[] data = new byte[random.Next(300)];
                random.NextBytes(data);
                return new Extension((sbyte)random.Next(128), Convert.ToHexStringLower(data));
            case 9 or 10:
                return Enumerable.Range(0, random.Next(20)).Select(_ => Random(random, depth - 1)).ToArray();
            default:
                return Enumerable.Range(0, random.Next(20))
                    .Select(_ => KeyValuePair.Create<object?, object?>(Text(random), Random(random, depth - 1))).ToList();
        }
    }

    public static void Write(ref PackWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNil();
                break;
            case bool flag:
                writer.Write(flag);
                break;
            case long number:
                writer.Write(number);
                break;
            case ulong number:
                writer.Write(number);
                break;
            case double number:
                writer.Write(number);
                break;
            case string text:
                writer.Write(text);
                break;
            case byte[] bytes:
                writer.WriteBinary(bytes);
                break;
            case DateTimeOffset moment:
                writer.Write(moment);
                break;
            case Extension extension:
                writer.WriteExtension(extension.Type, Convert.FromHexString(extension.Hex));
                break;
            case object?[] array:
                writer.WriteArrayHeader(array.Length);
                foreach (object? element in array)
                    Write(ref writer, element);
                break;
            case List<KeyValuePair<object?, object?>> map:
                writer.WriteMapHeader(map.Count);
                foreach (var (key, element) in map)
                {
                    Write(ref writer, key);
                    Write(ref writer, element);
                }

                break;
            default:
                throw new ArgumentException("no such value", nameof(value));
        }
    }

    public static object? Read(ref PackReader reader)
    {
        switch (reader.NextType)
        {
            case MessagePackType.Nil:
                reader.ReadNil();
                return null;
            case MessagePackType.Boolean:
                return reader.ReadBoolean();
            case MessagePackType.Integer:
                return reader.Remaining is [0xcf, >= 0x80, ..] ? reader.ReadUInt64() : reader.ReadInt64();
            case MessagePackType.Float:
                return reader.ReadDouble();
            case MessagePackType.String:
                return reader.ReadString();
            case MessagePackType.Binary:
                return reader.ReadBinary().ToArray();
            case MessagePackType.Array:
                reader.Enter();
                object?[] array = new object?[reader.ReadArrayHeader()];
                for (int i = 0; i < array.Length; i++)
                    array[i] = Read(ref reader);
                reader.Leave();
                return array;
            case MessagePackType.Map:
                reader.Enter();
                int count = reader.ReadMapHeader();
                var map = new List<KeyValuePair<object?, object?>>(count);
                for (int i = 0; i < count; i++)
                    map.Add(KeyValuePair.Create(Read(ref reader), Read(ref reader)));
                reader.Leave();
                return map;
            case MessagePackType.Extension:
                var ahead = reader;
                int length = ahead.ReadExtensionHeader(out sbyte type);
                if (type == -1 && length is 4 or 8 or 12)
                    return reader.ReadTimestamp();
                return new Extension(type, Convert.ToHexStringLower(reader.ReadExtension(out _)));
            default:
                throw new PackException(PackFailure.BadData, "reserved");
        }
    }

    public static bool Same(object? a, object? b) => (a, b) switch
    {
        (byte[] x, byte[] y) => x.AsSpan().SequenceEqual(y),
        (object?[] x, object?[] y) => x.Length == y.Length && x.Zip(y).All(pair => Same(pair.First, pair.Second)),
        (List<KeyValuePair<object?, object?>> x, List<KeyValuePair<object?, object?>> y) =>
            x.Count == y.Count && x.Zip(y).All(pair => Same(pair.First.Key, pair.Second.Key) && Same(pair.First.Value, pair.Second.Value)),
        _ => Equals(a, b),
    };

    private static string Text(Random random)
    {
        const string alphabet = "abcXYZ09 -_.äöß€日本🖥🚀";
        int limit = random.Next(10) == 0 ? 70_000 : 40;
        var runes = alphabet.EnumerateRunes().ToArray();
        bool ascii = random.Next(2) == 0;
        return string.Concat(Enumerable.Range(0, random.Next(limit)).Select(_ => runes[random.Next(ascii ? 12 : runes.Length)]));
    }
}
