using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Virt.Daemon.Drivers.Qemu.Resources.Network;

/// <summary>Builds a request of rtnetlink(7): header, the family's fixed part, attributes that may nest.</summary>
internal sealed class NetlinkMessage
{
    /// <summary>The length of the header.</summary>
    public const int HeaderLength = 16;

    private const ushort Request = 1;
    private const ushort Acknowledge = 4;
    private const ushort Nested = 0x8000;

    private readonly List<byte> _data = [];

    /// <summary>Starts a request.</summary>
    /// <param name="type">Its type, as RTM_NEWLINK.</param>
    /// <param name="flags">NLM_F_CREATE and such; a request that is to be acknowledged is implied.</param>
    public NetlinkMessage(ushort type, ushort flags = 0)
    {
        _data.AddRange(new byte[HeaderLength]);
        Type = type;
        Flags = (ushort)(flags | Request | Acknowledge);
    }

    private ushort Type { get; }

    private ushort Flags { get; }

    /// <summary>Adds the fixed part of a link message (struct ifinfomsg).</summary>
    public NetlinkMessage Link(byte family, int index, uint flags = 0, uint change = 0)
    {
        Span<byte> part = stackalloc byte[16];
        part.Clear();
        part[0] = family;
        BinaryPrimitives.WriteInt32LittleEndian(part[4..], index);
        BinaryPrimitives.WriteUInt32LittleEndian(part[8..], flags);
        BinaryPrimitives.WriteUInt32LittleEndian(part[12..], change);
        _data.AddRange(part);
        return this;
    }

    /// <summary>Adds bytes as they are.</summary>
    public NetlinkMessage Fixed(ReadOnlySpan<byte> part)
    {
        _data.AddRange(part);
        return this;
    }

    /// <summary>Adds an attribute of bytes.</summary>
    public NetlinkMessage Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        Span<byte> head = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(head, (ushort)(4 + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(head[2..], type);
        _data.AddRange(head);
        _data.AddRange(value);
        Pad();
        return this;
    }

    /// <summary>Adds an attribute of a number.</summary>
    public NetlinkMessage Attribute(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Attribute(type, bytes);
    }

    /// <summary>Adds an attribute of a text.</summary>
    public NetlinkMessage Attribute(ushort type, string value) => Attribute(type, Encoding.UTF8.GetBytes(value + '\0'));

    /// <summary>Adds an attribute that holds others.</summary>
    public NetlinkMessage Nest(ushort type, Action<NetlinkMessage> inside)
    {
        int start = _data.Count;
        _data.AddRange(new byte[4]);
        inside(this);
        Span<byte> head = CollectionsMarshal.AsSpan(_data).Slice(start, 4);
        BinaryPrimitives.WriteUInt16LittleEndian(head, (ushort)(_data.Count - start));
        BinaryPrimitives.WriteUInt16LittleEndian(head[2..], (ushort)(type | Nested));
        return this;
    }

    /// <summary>The request as bytes.</summary>
    public byte[] ToArray(uint serial)
    {
        byte[] bytes = [.. _data];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), Type);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), serial);
        return bytes;
    }

    private void Pad()
    {
        while (_data.Count % 4 != 0)
            _data.Add(0);
    }
}
