using System.Runtime.CompilerServices;

namespace Virt.Rpc.MessagePack;

/// <summary>
/// Reads MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) from a span that nobody vouches for. It takes
/// every encoding of a value, checks lengths and counts against what remains before anything is made of them, and fails only
/// with <see cref="MessagePackException"/>, after which the reader is of no further use.
/// </summary>
public ref partial struct MessagePackReader
{
    private readonly ReadOnlySpan<byte> _data;
    private int _position;
    private int _depth;

    /// <summary>Starts at the first byte.</summary>
    public MessagePackReader(ReadOnlySpan<byte> data) => _data = data;

    /// <summary>How many bytes are read.</summary>
    public readonly int Consumed => _position;

    /// <summary>What is not yet read.</summary>
    public readonly ReadOnlySpan<byte> Remaining => _data[_position..];

    /// <summary>Whether all is read.</summary>
    public readonly bool IsEnd => _position >= _data.Length;

    /// <summary>What the next value is, without reading it.</summary>
    public readonly MessagePackKind NextKind => MessagePackCode.KindOf(Peek());

    /// <summary>Reads nil if it comes next; else, and at the end, reads nothing.</summary>
    public bool TryReadNil()
    {
        if (_position >= _data.Length || _data[_position] != MessagePackCode.Nil)
            return false;
        _position++;
        return true;
    }

    /// <summary>Reads nil.</summary>
    public void ReadNil()
    {
        byte code = Peek();
        if (code != MessagePackCode.Nil)
            MessagePackThrow.Unexpected(_position, code, "nil");
        _position++;
    }

    /// <summary>Reads a boolean.</summary>
    public bool ReadBoolean()
    {
        byte code = Peek();
        if ((code | 1) != MessagePackCode.True)
            MessagePackThrow.Unexpected(_position, code, "a boolean");
        _position++;
        return code == MessagePackCode.True;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly byte Peek()
    {
        if ((uint)_position >= (uint)_data.Length)
            MessagePackThrow.EndOfData(_position);
        return _data[_position];
    }

    /// <summary>The bytes after the format byte, of which there must be that many; nothing is read yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly ReadOnlySpan<byte> Operand(int size)
    {
        var rest = _data[(_position + 1)..];
        if (rest.Length < size)
            MessagePackThrow.EndOfData(_position);
        return rest;
    }
}
