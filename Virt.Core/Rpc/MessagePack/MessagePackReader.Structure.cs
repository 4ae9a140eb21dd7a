using System.Runtime.CompilerServices;

namespace Virt.Rpc.MessagePack;

public ref partial struct MessagePackReader
{
    /// <summary>
    /// Goes one level deeper; called for each array or map whose elements are then read. Fails with
    /// <see cref="MessagePackFailure.BadData"/> beyond <see cref="RpcLimits.Depth"/> levels.
    /// </summary>
    public void Enter()
    {
        CheckDepth(_depth);
        _depth++;
    }

    /// <summary>Comes back from <see cref="Enter"/>.</summary>
    public void Leave() => _depth--;

    /// <summary>Reads an array's count, which what remains can hold; that many values follow.</summary>
    public int ReadArrayHeader()
    {
        byte code = Peek();
        if ((code & 0xf0) == MessagePackCode.FixArray)
            return TakeCount(1, (uint)code & MessagePackCode.MaximumFixCount, 1);
        if (code is not (MessagePackCode.Array16 or MessagePackCode.Array32))
            MessagePackThrow.Unexpected(_position, code, "an array");
        uint count = ReadLength(1 + code - MessagePackCode.Array16, out int header);
        return TakeCount(header, count, 1);
    }

    /// <summary>Reads a map's count, which what remains can hold; that many pairs of key and value follow.</summary>
    public int ReadMapHeader()
    {
        byte code = Peek();
        if ((code & 0xf0) == MessagePackCode.FixMap)
            return TakeCount(1, (uint)code & MessagePackCode.MaximumFixCount, 2);
        if (code is not (MessagePackCode.Map16 or MessagePackCode.Map32))
            MessagePackThrow.Unexpected(_position, code, "a map");
        uint count = ReadLength(1 + code - MessagePackCode.Map16, out int header);
        return TakeCount(header, count, 2);
    }

    /// <summary>Reads past one value, however nested.</summary>
    public void Skip()
    {
        int elements = SkipOne(_depth);
        if (elements > 0)
            SkipElements(elements);
    }

    /// <summary>Reads past that many values.</summary>
    public void Skip(int count)
    {
        for (; count > 0; count--)
            Skip();
    }

    [SkipLocalsInit]
    private void SkipElements(int elements)
    {
        Span<int> open = stackalloc int[RpcLimits.Depth];
        int level = 0;
        open[0] = elements;
        while (true)
        {
            if (open[level] == 0)
            {
                if (level-- == 0)
                    return;
                continue;
            }

            open[level]--;
            elements = SkipOne(_depth + level + 1);
            if (elements > 0)
                open[++level] = elements;
        }
    }

    /// <summary>Reads past a scalar, or past the header of an array or map; returns how many values are inside.</summary>
    private int SkipOne(int depth)
    {
        byte code = Peek();
        switch (MessagePackCode.KindOf(code))
        {
            case MessagePackKind.Nil or MessagePackKind.Boolean:
                _position++;
                return 0;
            case MessagePackKind.Integer:
                _ = code == MessagePackCode.UInt64 ? (long)ReadUInt64() : ReadInt64();
                return 0;
            case MessagePackKind.Float:
                _ = ReadDouble();
                return 0;
            case MessagePackKind.String:
                _ = ReadUtf8();
                return 0;
            case MessagePackKind.Binary:
                _ = ReadBinary();
                return 0;
            case MessagePackKind.Extension:
                _ = ReadExtension(out _);
                return 0;
            case MessagePackKind.Array:
                CheckDepth(depth);
                return ReadArrayHeader();
            case MessagePackKind.Map:
                CheckDepth(depth);
                return 2 * ReadMapHeader();
            default:
                MessagePackThrow.Unexpected(_position, code, "a value");
                return 0;
        }
    }

    private readonly void CheckDepth(int depth)
    {
        if (depth >= RpcLimits.Depth)
            MessagePackThrow.TooDeep(_position);
    }

    private int TakeCount(int header, uint count, int bytesEach)
    {
        if (count > (uint)(_data.Length - _position - header) / (uint)bytesEach)
            MessagePackThrow.TooMany(_position, count, bytesEach == 1 ? "elements" : "pairs");
        _position += header;
        return (int)count;
    }
}
