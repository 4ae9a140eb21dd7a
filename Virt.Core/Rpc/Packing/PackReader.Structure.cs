using System.Runtime.CompilerServices;
using MessagePack;

namespace Virt.Rpc.Packing;

public ref partial struct PackReader
{
    /// <summary>
    /// Goes one level deeper; called for each array or map whose elements are then read. Fails with
    /// <see cref="PackFailure.BadData"/> beyond <see cref="RpcLimits.Depth"/> levels.
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
        int start = Consumed;
        byte code = Peek();
        if (code is < MessagePackCode.MinFixArray or > MessagePackCode.MaxFixArray)
            CheckCount(code, MessagePackCode.Array16, "an array");
        _values.TryReadArrayHeader(out int count);
        if ((uint)count > (uint)(_data.Length - Consumed))
            PackThrow.TooMany(start, (uint)count, "elements");
        return count;
    }

    /// <summary>Reads a map's count, which what remains can hold; that many pairs of key and value follow.</summary>
    public int ReadMapHeader()
    {
        int start = Consumed;
        byte code = Peek();
        if (code is < MessagePackCode.MinFixMap or > MessagePackCode.MaxFixMap)
            CheckCount(code, MessagePackCode.Map16, "a map");
        _values.TryReadMapHeader(out int count);
        if ((uint)count > (uint)(_data.Length - Consumed) / 2)
            PackThrow.TooMany(start, (uint)count, "pairs");
        return count;
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

    // The package's way past a value knows no limit of depth; this one needs no more stack however deep it is.
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
        switch (MessagePackCode.ToMessagePackType(code))
        {
            case MessagePackType.Array:
                CheckDepth(depth);
                return ReadArrayHeader();
            case MessagePackType.Map:
                CheckDepth(depth);
                return 2 * ReadMapHeader();
            case MessagePackType.Integer or MessagePackType.Float:
                CheckNumber(code);
                break;
            case MessagePackType.String:
                CheckText(code);
                break;
            case MessagePackType.Binary:
                CheckBinary(code);
                break;
            case MessagePackType.Extension:
                CheckExtension(code, "an extension");
                break;
            case MessagePackType.Unknown:
                PackThrow.Unexpected(Consumed, code, "a value");
                break;
        }

        _values.Skip();
        return 0;
    }

    private void CheckDepth(int depth)
    {
        if (depth >= RpcLimits.Depth)
            PackThrow.TooDeep(Consumed);
    }

    /// <summary>Checks that a header with a count of 2 or 4 bytes comes next and is whole.</summary>
    private void CheckCount(byte code, byte code16, string expected)
    {
        if (code != code16 && code != code16 + 1)
            PackThrow.Unexpected(Consumed, code, expected);
        Operand(2 << (code - code16));
    }
}
