using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Virt.Rpc.MessagePack;

/// <summary>
/// Writes MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) to a buffer, each value in its smallest
/// encoding. What is written reaches the buffer's owner with <see cref="Flush"/>, which whoever made the writer calls last.
/// </summary>
public ref partial struct MessagePackWriter
{
    private readonly IBufferWriter<byte> _output;
    private Span<byte> _span;
    private int _used;

    /// <summary>Writes to the output.</summary>
    public MessagePackWriter(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
    }

    /// <summary>Hands all that was written to the output. The writer can go on after it.</summary>
    public void Flush()
    {
        if (_used > 0)
            _output.Advance(_used);
        _span = default;
        _used = 0;
    }

    /// <summary>Writes nil.</summary>
    public void WriteNil() => WriteByte(MessagePackCode.Nil);

    /// <summary>Writes a boolean.</summary>
    public void Write(bool value) => WriteByte(value ? MessagePackCode.True : MessagePackCode.False);

    /// <summary>Writes an array's count; that many values follow.</summary>
    public void WriteArrayHeader(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        WriteCount((uint)count, MessagePackCode.FixArray, MessagePackCode.Array16);
    }

    /// <summary>Writes a map's count; that many pairs of key and value follow.</summary>
    public void WriteMapHeader(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        WriteCount((uint)count, MessagePackCode.FixMap, MessagePackCode.Map16);
    }

    /// <summary>Writes bytes that are MessagePack already.</summary>
    public void WriteRaw(scoped ReadOnlySpan<byte> messagePack)
    {
        if (messagePack.Length <= _span.Length - _used)
        {
            messagePack.CopyTo(_span[_used..]);
            _used += messagePack.Length;
            return;
        }

        Flush();
        _output.Write(messagePack);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteByte(byte value)
    {
        Reserve(1)[0] = value;
        _used++;
    }

    private void WriteCount(uint count, byte fix, byte code16)
    {
        if (count <= MessagePackCode.MaximumFixCount)
            WriteByte((byte)(fix | count));
        else if (count <= ushort.MaxValue)
            WriteCode16(code16, (ushort)count);
        else
            WriteCode32((byte)(code16 + 1), count);
    }

    private void WriteCode8(byte code, byte value)
    {
        var span = Reserve(2);
        span[1] = value;
        span[0] = code;
        _used += 2;
    }

    private void WriteCode16(byte code, ushort value)
    {
        var span = Reserve(3);
        BinaryPrimitives.WriteUInt16BigEndian(span[1..], value);
        span[0] = code;
        _used += 3;
    }

    private void WriteCode32(byte code, uint value)
    {
        var span = Reserve(5);
        BinaryPrimitives.WriteUInt32BigEndian(span[1..], value);
        span[0] = code;
        _used += 5;
    }

    private void WriteCode64(byte code, ulong value)
    {
        var span = Reserve(9);
        BinaryPrimitives.WriteUInt64BigEndian(span[1..], value);
        span[0] = code;
        _used += 9;
    }

    /// <summary>Room for at least that many bytes; the caller adds to <see cref="_used"/> what it took.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Reserve(int size)
    {
        if (_span.Length - _used < size)
            Grow(size);
        return _span[_used..];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int size)
    {
        Flush();
        _span = _output.GetSpan(size);
    }
}
