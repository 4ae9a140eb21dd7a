using System.Buffers.Binary;

namespace Virt.Fuzz.Mutation;

/// <summary>Changes bytes without knowing what they mean: bits, interesting integers, blocks, parts of other inputs.</summary>
internal sealed class ByteMutator : IMutator
{
    private static readonly long[] Interesting =
    [
        0, 1, 2, 16, 31, 32, 64, 100, 127, 128, 129, 255, 256, 1000, 1024, 4096, 32767, 32768, 65535, 65536, 0x100000, 0x7fffffff, 0x80000000,
        0xffffffff, 0x7fffffffffffffff, -1, -2, -128, -129, -32768, int.MinValue, long.MinValue,
    ];

    public byte[] Mutate(byte[] input, IReadOnlyList<byte[]> corpus, Random random)
    {
        int length = input.Length;
        int at = random.Next(length + 1);
        switch (random.Next(9))
        {
            case 0 when length > 0:
                return Change(input, changed => changed[random.Next(length)] ^= (byte)(1 << random.Next(8)));
            case 1 when length > 0:
                return Change(input, changed => changed[random.Next(length)] = (byte)random.Next(256));
            case 2 when length > 0:
                return Change(input, changed => Overwrite(changed, random));
            case 3:
                return [.. input[..at], .. Bytes(random), .. input[at..]];
            case 4 when length > 0:
                int gone = Math.Min(length - 1, random.Next(1, 33));
                int from = random.Next(length - gone);
                return [.. input[..from], .. input[(from + gone)..]];
            case 5 when length > 0:
                (int begin, int count) = Block(length, random);
                return [.. input[..at], .. input.AsSpan(begin, count), .. input[at..]];
            case 6:
                byte[] other = corpus[random.Next(corpus.Count)];
                return [.. input[..at], .. other[random.Next(other.Length + 1)..]];
            case 7 when length > 0:
                return input[..random.Next(length)];
            case 8 when length > 0:
                return Change(input, changed => changed[random.Next(length)] += (byte)(random.Next(2) == 0 ? 1 : 255));
            default:
                return [.. input, (byte)random.Next(256)];
        }
    }

    private static byte[] Change(byte[] input, Action<byte[]> change)
    {
        byte[] changed = [.. input];
        change(changed);
        return changed;
    }

    private static void Overwrite(byte[] target, Random random)
    {
        Span<byte> value = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(value, Interesting[random.Next(Interesting.Length)]);
        int width = 1 << random.Next(4);
        int at = random.Next(target.Length);
        value[^width..][..Math.Min(width, target.Length - at)].CopyTo(target.AsSpan(at));
    }

    private static byte[] Bytes(Random random)
    {
        byte[] bytes = new byte[random.Next(1, 17)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static (int Begin, int Count) Block(int length, Random random)
    {
        int begin = random.Next(length);
        return (begin, random.Next(1, Math.Min(length - begin, 256) + 1));
    }
}
