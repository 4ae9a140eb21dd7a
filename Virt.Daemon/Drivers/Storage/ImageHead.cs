using System.Buffers.Binary;
using System.Text;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Storage;

/// <summary>Reads so many bytes from a place of an image; fewer at its end.</summary>
internal delegate byte[] ReadBytes(long offset, int count);

/// <summary>
/// What the head of an image says, read as the format that somebody has told (QEMU's docs/interop/qcow2.txt and qed_spec.txt). It is bounded: 4
/// KiB, and a name of at most 1 023 bytes, whatever the head claims.
/// </summary>
/// <param name="Capacity">The size the guest sees, in bytes; null when it does not tell.</param>
/// <param name="Encrypted">Whether the content is encrypted.</param>
/// <param name="Backing">What it calls the image below it: a path, from / on or beside this image, or anything else; null for none.</param>
/// <param name="BackingFormat">What it calls that image's format; null when it does not say.</param>
/// <param name="HasDataFile">Whether it names another file that has the content.</param>
internal sealed record ImageHead(long? Capacity, bool Encrypted, string? Backing, string? BackingFormat, bool HasDataFile)
{
    private const int Length = 4096;
    private const int MaximumName = 1023;
    private const int SmallestCluster = 9;
    private const int LargestCluster = 21;
    private const int Version2Length = 72;
    private const uint BackingFormatExtension = 0xe2792aca;
    private const uint DataFileBit = 4;
    private const uint QedBackingBit = 1;
    private const uint QedBackingRawBit = 4;

    /// <summary>Reads it.</summary>
    /// <param name="format">The format.</param>
    /// <param name="length">The size of the file.</param>
    /// <param name="read">Reads the image.</param>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationFailed"/>: it is not an image of this format.</exception>
    public static ImageHead Read(string format, long length, ReadBytes read)
    {
        byte[] head = read(0, Length);
        byte[] full = head.Length >= ImageFormats.HeadLength ? head : [.. head, .. new byte[ImageFormats.HeadLength - head.Length]];
        string looks = ImageFormats.Look(head);
        if (format is "qcow2" or "qcow" or "qed" && (looks != format || head.Length < Version2Length))
            throw Damaged($"it does not begin like an image of format {format}");
        long? capacity = ImageFormats.Capacity(format, full, length);
        return format switch
        {
            "qcow2" => ReadQcow2(full, capacity, read),
            "qcow" => new ImageHead(
                capacity, BinaryPrimitives.ReadUInt32BigEndian(full.AsSpan(36)) != 0,
                ReadName(BinaryPrimitives.ReadUInt64BigEndian(full.AsSpan(8)), BinaryPrimitives.ReadUInt32BigEndian(full.AsSpan(16)), read), null, false),
            "qed" => ReadQed(full, capacity, read),
            "luks" => new ImageHead(capacity, true, null, null, false),
            "vmdk" => new ImageHead(capacity, false, NamesParent(full) ? "a parent image" : null, null, false),
            _ => new ImageHead(capacity, false, null, null, false),
        };
    }

    private static ImageHead ReadQcow2(ReadOnlySpan<byte> head, long? capacity, ReadBytes read)
    {
        uint clusterBits = BinaryPrimitives.ReadUInt32BigEndian(head[20..]);
        if (clusterBits is < SmallestCluster or > LargestCluster || capacity is null)
            throw Damaged("its head is damaged");
        ulong offset = BinaryPrimitives.ReadUInt64BigEndian(head[8..]);
        if (offset > 1UL << (int)clusterBits)
            throw Damaged("its head is damaged");
        bool isNew = head[7] == 3;
        uint headLength = isNew ? BinaryPrimitives.ReadUInt32BigEndian(head[100..]) : Version2Length;
        string? backing = ReadName(offset, BinaryPrimitives.ReadUInt32BigEndian(head[16..]), read);
        return new ImageHead(
            capacity, BinaryPrimitives.ReadUInt32BigEndian(head[32..]) != 0, backing,
            backing is null ? null : ReadExtension(head, headLength), isNew && (head[79] & DataFileBit) != 0);
    }

    private static ImageHead ReadQed(ReadOnlySpan<byte> head, long? capacity, ReadBytes read)
    {
        ulong features = BinaryPrimitives.ReadUInt64LittleEndian(head[16..]);
        if ((features & QedBackingBit) == 0)
            return new ImageHead(capacity, false, null, null, false);
        return new ImageHead(
            capacity, false, ReadName(BinaryPrimitives.ReadUInt32LittleEndian(head[56..]), BinaryPrimitives.ReadUInt32LittleEndian(head[60..]), read),
            (features & QedBackingRawBit) != 0 ? "raw" : null, false);
    }

    // Extensions follow the head: a type, a length, and content up to a multiple of 8.
    private static string? ReadExtension(ReadOnlySpan<byte> head, uint at)
    {
        while (at <= head.Length - 8)
        {
            uint type = BinaryPrimitives.ReadUInt32BigEndian(head[(int)at..]), length = BinaryPrimitives.ReadUInt32BigEndian(head[((int)at + 4)..]);
            if (type == 0 || length > head.Length - at - 8)
                return null;
            if (type == BackingFormatExtension)
                return Text(head.Slice((int)at + 8, (int)length));
            at += 8 + ((length + 7) & ~7u);
        }

        return null;
    }

    private static string? ReadName(ulong offset, uint length, ReadBytes read)
    {
        if (offset == 0 || length == 0)
            return null;
        if (length > MaximumName || offset > 1UL << LargestCluster)
            throw Damaged("the name of the image below it cannot be");
        byte[] name = read((long)offset, (int)length);
        return name.Length == length ? Text(name) : throw Damaged("the name of the image below it is cut off");
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        return text.Any(c => char.IsControl(c) || c == '\ufffd') ? throw Damaged("a name in its head is no text") : text;
    }

    // A text in the head, whose line has the name of another file.
    private static bool NamesParent(ReadOnlySpan<byte> head) => head.IndexOf("parentFileNameHint"u8) >= 0;

    private static VirtException Damaged(string reason) => new(VirtErrorCode.OperationFailed, reason);
}
