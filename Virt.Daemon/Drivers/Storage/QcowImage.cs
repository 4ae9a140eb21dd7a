using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Storage;

/// <summary>
/// Writes empty images of format qcow2, version 3 (QEMU's docs/interop/qcow2.txt): a head, a table and a block of reference counts, and a
/// first-level table without entries.
/// </summary>
internal static class QcowImage
{
    /// <summary>The largest image, in bytes: its first-level table fits into what one block of reference counts covers.</summary>
    public const long MaximumCapacity = 1L << 50;

    private const int ClusterBits = 16;
    private const int Cluster = 1 << ClusterBits;
    private const int HeadLength = 104;
    private const uint BackingFormatExtension = 0xe2792aca;
    private const int FirstTable = 3 * Cluster;

    // A second-level table has a cluster of entries of 8 bytes, each for a cluster.
    private const long TableCoverage = (long)Cluster / 8 * Cluster;

    /// <summary>Writes one into an empty file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="capacity">The size the guest sees, in bytes.</param>
    /// <param name="backing">The path of the image below; null for none.</param>
    /// <param name="backingFormat">That image's format.</param>
    public static void Write(SafeFileHandle file, long capacity, string? backing, string? backingFormat)
    {
        if (capacity is < 0 or > MaximumCapacity)
            throw new VirtException(VirtErrorCode.OperationFailed, $"{capacity} bytes are more than an image of format qcow2 has here, {MaximumCapacity}");
        long rounded = (capacity + 511) & ~511L;
        int entries = (int)((rounded + TableCoverage - 1) / TableCoverage);
        int tableClusters = Math.Max(1, (entries * 8 + Cluster - 1) / Cluster);
        var content = new byte[FirstTable];
        WriteHead(content, rounded, entries, backing, backingFormat);
        // The table has one entry: the block, which counts one reference to each cluster so far.
        BinaryPrimitives.WriteUInt64BigEndian(content.AsSpan(Cluster), 2 * Cluster);
        for (int i = 0; i < 3 + tableClusters; i++)
            BinaryPrimitives.WriteUInt16BigEndian(content.AsSpan(2 * Cluster + 2 * i), 1);
        RandomAccess.Write(file, content, 0);
        RandomAccess.SetLength(file, FirstTable + (long)tableClusters * Cluster);
    }

    private static void WriteHead(Span<byte> head, long capacity, int entries, string? backing, string? backingFormat)
    {
        "QFI"u8.CopyTo(head);
        head[3] = 0xfb;
        BinaryPrimitives.WriteUInt32BigEndian(head[4..], 3);
        BinaryPrimitives.WriteUInt32BigEndian(head[20..], ClusterBits);
        BinaryPrimitives.WriteUInt64BigEndian(head[24..], (ulong)capacity);
        BinaryPrimitives.WriteUInt32BigEndian(head[36..], (uint)entries);
        BinaryPrimitives.WriteUInt64BigEndian(head[40..], FirstTable);
        BinaryPrimitives.WriteUInt64BigEndian(head[48..], Cluster);
        BinaryPrimitives.WriteUInt32BigEndian(head[56..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(head[96..], 4);
        BinaryPrimitives.WriteUInt32BigEndian(head[100..], HeadLength);
        if (backing is null)
            return;
        int at = HeadLength;
        byte[] format = Encoding.UTF8.GetBytes(backingFormat!), name = Encoding.UTF8.GetBytes(backing);
        BinaryPrimitives.WriteUInt32BigEndian(head[at..], BackingFormatExtension);
        BinaryPrimitives.WriteUInt32BigEndian(head[(at + 4)..], (uint)format.Length);
        format.CopyTo(head[(at + 8)..]);
        // The extension that ends the list is zero, as what lies there is.
        at += 8 + ((format.Length + 7) & ~7) + 8;
        name.CopyTo(head[at..]);
        BinaryPrimitives.WriteUInt64BigEndian(head[8..], (ulong)at);
        BinaryPrimitives.WriteUInt32BigEndian(head[16..], (uint)name.Length);
    }
}
