using System.Buffers.Binary;
using Virt.Rpc.Packing;

namespace Virt.Fuzz.Mutation;

/// <summary>Changes frames and leaves them frames: the header's fields, the body, their order; sometimes the length lies.</summary>
internal sealed class FrameMutator(int prefix) : IMutator
{
    private const int LengthSize = 4;

    public byte[] Mutate(byte[] input, IReadOnlyList<byte[]> corpus, Random random)
    {
        if (input.Length <= prefix)
            return input;
        List<byte[]> frames = Split(input.AsSpan(prefix));
        if (frames.Count == 0)
            return input;
        int at = random.Next(frames.Count);
        switch (random.Next(6))
        {
            case 0:
                frames.RemoveAt(at);
                break;
            case 1:
                frames.Insert(random.Next(frames.Count + 1), frames[at]);
                break;
            case 2:
                int with = random.Next(frames.Count);
                (frames[at], frames[with]) = (frames[with], frames[at]);
                break;
            case 3:
                byte[] lying = [.. frames[at]];
                BinaryPrimitives.WriteInt32BigEndian(lying, Lie(lying.Length - LengthSize, random));
                frames[at] = lying;
                break;
            default:
                frames[at] = Change(frames[at], random);
                break;
        }

        return [.. input[..prefix], .. frames.SelectMany(frame => frame)];
    }

    private static int Lie(int length, Random random) => random.Next(6) switch
    {
        0 => 0,
        1 => length - 1,
        2 => length + 1,
        3 => int.MaxValue,
        4 => -1,
        _ => random.Next(),
    };

    private static byte[] Change(byte[] frame, Random random)
    {
        // Header and body are two values; in one array the mutation goes over both.
        PackNode[] values = Values(frame.AsMemory(LengthSize));
        if (values.Length == 0)
            return frame;
        PackNode both = PackNode.Array(values);
        PackMutator.Change(random.Next(3) == 0 ? both : values[^1], random);
        byte[] content = [.. both.Children!.SelectMany(child => child.ToBytes())];
        byte[] length = new byte[LengthSize];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        return [.. length, .. content];
    }

    private static PackNode[] Values(ReadOnlyMemory<byte> content)
    {
        List<PackNode> values = [];
        try
        {
            while (content.Length > 0)
            {
                var reader = new PackReader(content);
                reader.Skip();
                values.Add(PackNode.Parse(content[..reader.Consumed])!);
                content = content[reader.Consumed..];
            }
        }
        catch (PackException)
        {
            return [];
        }

        return [.. values];
    }

    private static List<byte[]> Split(ReadOnlySpan<byte> data)
    {
        List<byte[]> frames = [];
        while (BinaryPrimitives.TryReadUInt32BigEndian(data, out uint length) && length <= data.Length - LengthSize)
        {
            frames.Add(data[..((int)length + LengthSize)].ToArray());
            data = data[((int)length + LengthSize)..];
        }

        if (data.Length >= LengthSize)
            frames.Add(data.ToArray());
        return frames;
    }
}
