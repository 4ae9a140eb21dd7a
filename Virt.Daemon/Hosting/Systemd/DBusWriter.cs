using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Virt.Daemon.Hosting.Systemd;

/// <summary>Writes values in the wire format of the D-Bus specification, little-endian, each aligned to its size.</summary>
internal sealed class DBusWriter
{
    private readonly List<byte> _bytes = [];

    /// <summary>What has been written.</summary>
    public ReadOnlySpan<byte> Written => CollectionsMarshal.AsSpan(_bytes);

    /// <summary>Fills up with zeros to a multiple of so many bytes.</summary>
    public void Align(int size)
    {
        while (_bytes.Count % size != 0)
            _bytes.Add(0);
    }

    public void Byte(byte value) => _bytes.Add(value);

    public void Bytes(ReadOnlySpan<byte> values) => _bytes.AddRange(values);

    public void UInt32(uint value)
    {
        Align(sizeof(uint));
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        _bytes.AddRange(bytes);
    }

    /// <summary>A string or an object path.</summary>
    public void String(string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        UInt32((uint)bytes.Length);
        _bytes.AddRange(bytes);
        Byte(0);
    }

    public void Signature(string value)
    {
        Byte((byte)value.Length);
        _bytes.AddRange(Encoding.ASCII.GetBytes(value));
        Byte(0);
    }

    /// <summary>An array: its length in bytes, then what is written here.</summary>
    public void Array(int alignment, Action elements)
    {
        UInt32(0);
        int length = _bytes.Count - sizeof(uint);
        Align(alignment);
        int start = _bytes.Count;
        elements();
        BinaryPrimitives.WriteUInt32LittleEndian(CollectionsMarshal.AsSpan(_bytes)[length..], (uint)(_bytes.Count - start));
    }

    /// <summary>A pair of name and variant, as property lists have them.</summary>
    public void Property(string name, string signature, Action value)
    {
        Align(8);
        String(name);
        Signature(signature);
        value();
    }
}
