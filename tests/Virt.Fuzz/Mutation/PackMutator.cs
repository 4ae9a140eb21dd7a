namespace Virt.Fuzz.Mutation;

/// <summary>Changes a MessagePack value and leaves it one, behind so many bytes that are something else.</summary>
internal sealed class PackMutator(int prefix) : IMutator
{
    public byte[] Mutate(byte[] input, IReadOnlyList<byte[]> corpus, Random random)
    {
        if (input.Length <= prefix || PackNode.Parse(input.AsMemory(prefix)) is not { } root)
            return input;
        Change(root, random);
        return [.. input[..prefix], .. root.ToBytes()];
    }

    /// <summary>Changes one value in a tree.</summary>
    public static void Change(PackNode root, Random random)
    {
        PackNode[] all = [.. root.All().Take(2000)];
        PackNode node = all[random.Next(all.Length)];
        PackNode other = all[random.Next(all.Length)].Clone();
        if (node.Children is not { } children)
        {
            if (other.Children is not null && random.Next(4) == 0)
                node.Children = [other];
            else
                node.Bytes = other.Children is null && random.Next(4) == 0 ? other.Bytes : PackValues.Pick(random);
            return;
        }

        int at = random.Next(children.Count + 1);
        switch (random.Next(5))
        {
            case 0 when at < children.Count:
                children.RemoveAt(at);
                break;
            case 1 when at < children.Count:
                children[at] = PackNode.Leaf(PackValues.Pick(random));
                break;
            case 2 when at < children.Count:
                for (int copies = random.Next(10) == 0 ? random.Next(300) : 1; copies > 0; copies--)
                    children.Insert(at, children[at].Clone());
                break;
            case 3 when children.Count > 1:
                int with = random.Next(children.Count);
                at = random.Next(children.Count);
                (children[at], children[with]) = (children[with], children[at]);
                break;
            default:
                children.Insert(at, random.Next(2) == 0 ? other : PackNode.Leaf(PackValues.Pick(random)));
                break;
        }
    }
}
