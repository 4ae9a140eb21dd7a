using System.Buffers;
using System.Text;
using MessagePack;

namespace Virt.Rpc.Packing;

/// <summary>
/// Writes MessagePack to a buffer, each value in its smallest encoding. The values are encoded by the MessagePack package; here is how
/// a text, a uuid, a duration and a moment travel. What is written reaches the buffer's owner with <see cref="Flush"/>, which whoever
/// made the writer calls last.
/// </summary>
public ref struct PackWriter
{
    private MessagePackWriter _values;

    /// <summary>Writes to the output.</summary>
    public PackWriter(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        _values = new MessagePackWriter(output);
    }

    /// <summary>Hands all that was written to the output. The writer can go on after it.</summary>
    public void Flush() => _values.Flush();

    /// <summary>Writes nil.</summary>
    public void WriteNil() => _values.WriteNil();

    /// <summary>Writes a boolean.</summary>
    public void Write(bool value) => _values.Write(value);

    /// <summary>Writes an integer.</summary>
    public void Write(int value) => _values.Write(value);

    /// <summary>Writes an integer.</summary>
    public void Write(long value) => _values.Write(value);

    /// <summary>Writes an integer.</summary>
    public void Write(uint value) => _values.Write(value);

    /// <summary>Writes an integer.</summary>
    public void Write(ulong value) => _values.Write(value);

    /// <summary>Writes a float32.</summary>
    public void Write(float value) => _values.Write(value);

    /// <summary>Writes a float64.</summary>
    public void Write(double value) => _values.Write(value);

    /// <summary>Writes text, or nil for null. A lone surrogate becomes U+FFFD.</summary>
    public void Write(string? value)
    {
        if (value is null)
            _values.WriteNil();
        else
            Write(value.AsSpan());
    }

    /// <summary>Writes text. A lone surrogate becomes U+FFFD.</summary>
    public void Write(scoped ReadOnlySpan<char> value)
    {
        // Nearly all texts are short and ASCII: one byte per character, so the header is known before they are encoded.
        if (value.Length <= MessagePackRange.MaxFixStringLength)
        {
            var span = _values.GetSpan(1 + value.Length);
            if (Ascii.FromUtf16(value, span[1..], out _) == OperationStatus.Done)
            {
                span[0] = (byte)(MessagePackCode.MinFixStr | value.Length);
                _values.Advance(1 + value.Length);
                return;
            }
        }

        // The package's own way asks the output for three times the room, which a long text may not find.
        int length = Encoding.UTF8.GetByteCount(value);
        _values.WriteStringHeader(length);
        Encoding.UTF8.GetBytes(value, _values.GetSpan(length));
        _values.Advance(length);
    }

    /// <summary>Writes text that is UTF-8 already; it must be valid.</summary>
    public void WriteUtf8(scoped ReadOnlySpan<byte> value)
    {
        _values.WriteStringHeader(value.Length);
        WriteRaw(value);
    }

    /// <summary>Writes bytes.</summary>
    public void WriteBinary(scoped ReadOnlySpan<byte> value)
    {
        _values.WriteBinHeader(value.Length);
        WriteRaw(value);
    }

    /// <summary>Writes a typed run of bytes. Negative types belong to the specification.</summary>
    public void WriteExtension(sbyte type, scoped ReadOnlySpan<byte> value)
    {
        _values.WriteExtensionFormatHeader(new ExtensionHeader(type, value.Length));
        WriteRaw(value);
    }

    /// <summary>Writes bytes that are MessagePack already.</summary>
    public void WriteRaw(scoped ReadOnlySpan<byte> messagePack)
    {
        messagePack.CopyTo(_values.GetSpan(messagePack.Length));
        _values.Advance(messagePack.Length);
    }

    /// <summary>Writes an array's count; that many values follow.</summary>
    public void WriteArrayHeader(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        _values.WriteArrayHeader((uint)count);
    }

    /// <summary>Writes a map's count; that many pairs of key and value follow.</summary>
    public void WriteMapHeader(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        _values.WriteMapHeader((uint)count);
    }

    /// <summary>Writes a moment as the timestamp extension (type -1) in UTC, to 100 ns.</summary>
    public void Write(DateTimeOffset value) => _values.Write(value.UtcDateTime);

    /// <summary>Writes a uuid as 16 bytes of binary data in the order of RFC 4122.</summary>
    public void Write(Guid value)
    {
        const int Length = 16;
        _values.WriteBinHeader(Length);
        value.TryWriteBytes(_values.GetSpan(Length), bigEndian: true, out _);
        _values.Advance(Length);
    }

    /// <summary>Writes a duration as an integer of nanoseconds; beyond about 292 years it is cut to what fits 64 bits.</summary>
    public void Write(TimeSpan value)
    {
        const long Limit = long.MaxValue / TimeSpan.NanosecondsPerTick;
        Write(value.Ticks switch
        {
            > Limit => long.MaxValue,
            < -Limit => long.MinValue,
            var ticks => ticks * TimeSpan.NanosecondsPerTick,
        });
    }
}
