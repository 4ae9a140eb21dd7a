using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using MessagePack;

namespace Virt.Rpc.Packing;

/// <summary>
/// Reads MessagePack from memory that nobody vouches for. The values are decoded by the MessagePack package; what it lacks is here.
/// Before it reads a value, this reader has seen that the value is of the expected kind, is whole, and claims no more elements or
/// bytes than follow. So it fails only with <see cref="PackException"/>, after which it is of no further use.
/// </summary>
public ref partial struct PackReader
{
    private readonly ReadOnlySpan<byte> _data;
    private MessagePackReader _values;
    private int _depth;

    /// <summary>Starts at the first byte.</summary>
    public PackReader(ReadOnlyMemory<byte> data)
    {
        _data = data.Span;
        _values = new MessagePackReader(data);
    }

    // No member is readonly: one that is would copy the package's reader each time, which has no such members.

    /// <summary>How many bytes are read.</summary>
    public int Consumed => (int)_values.Consumed;

    /// <summary>What is not yet read.</summary>
    public ReadOnlySpan<byte> Remaining => _data[Consumed..];

    /// <summary>Whether all is read.</summary>
    public bool IsEnd => _values.End;

    /// <summary>What the next value is, without reading it.</summary>
    internal MessagePackType NextType => MessagePackCode.ToMessagePackType(Peek());

    /// <summary>Reads nil if it comes next; else, and at the end, reads nothing.</summary>
    public bool TryReadNil() => !_values.End && _values.TryReadNil();

    /// <summary>Reads nil.</summary>
    public void ReadNil()
    {
        byte code = Peek();
        if (code != MessagePackCode.Nil)
            PackThrow.Unexpected(Consumed, code, "nil");
        _values.ReadNil();
    }

    /// <summary>Reads a boolean.</summary>
    public bool ReadBoolean()
    {
        byte code = Peek();
        if (code is not (MessagePackCode.False or MessagePackCode.True))
            PackThrow.Unexpected(Consumed, code, "a boolean");
        return _values.ReadBoolean();
    }

    /// <summary>The format byte of the next value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte Peek()
    {
        int at = Consumed;
        if ((uint)at >= (uint)_data.Length)
            PackThrow.EndOfData(at);
        return _data[at];
    }

    /// <summary>The bytes after the format byte, of which there must be that many.</summary>
    private ReadOnlySpan<byte> Operand(int size)
    {
        int at = Consumed;
        var rest = _data[(at + 1)..];
        if (rest.Length < size)
            PackThrow.EndOfData(at);
        return rest;
    }

    /// <summary>The length or count after the format byte, of 1, 2 or 4 bytes.</summary>
    private uint ReadLength(int size) => size switch
    {
        1 => Operand(size)[0],
        2 => BinaryPrimitives.ReadUInt16BigEndian(Operand(size)),
        _ => BinaryPrimitives.ReadUInt32BigEndian(Operand(size)),
    };
}
