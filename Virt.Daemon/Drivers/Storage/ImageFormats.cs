using System.Buffers.Binary;

namespace Virt.Daemon.Drivers.Storage;

/// <summary>
/// What the first bytes of images look like. A guest writes the first bytes of its raw disk: what they look like is told to people, and
/// never decides how an image is opened.
/// </summary>
internal static class ImageFormats
{
    /// <summary>How many bytes are enough to tell.</summary>
    public const int HeadLength = 512;

    private static readonly (string Format, int Offset, byte[] Magic)[] Magics =
    [
        ("qcow2", 0, [.. "QFI"u8, 0xfb, 0, 0, 0, 2]), ("qcow2", 0, [.. "QFI"u8, 0xfb, 0, 0, 0, 3]), ("qcow", 0, [.. "QFI"u8, 0xfb, 0, 0, 0, 1]),
        ("qed", 0, [.. "QED"u8, 0]), ("vmdk", 0, [.. "KDMV"u8]), ("vmdk", 0, [.. "COWD"u8]), ("vmdk", 0, [.. "# Disk DescriptorFile"u8]),
        ("vdi", 64, [0x7f, 0x10, 0xda, 0xbe]), ("vpc", 0, [.. "conectix"u8]), ("vhdx", 0, [.. "vhdxfile"u8]), ("luks", 0, [.. "LUKS"u8, 0xba, 0xbe]),
        ("parallels", 0, [.. "WithoutFreeSpace"u8]), ("parallels", 0, [.. "WithouFreSpacExt"u8]),
    ];

    /// <summary>The format that an image looks like, in QEMU's words; <c>raw</c> when like none.</summary>
    public static string Look(ReadOnlySpan<byte> head)
    {
        foreach ((string format, int offset, byte[] magic) in Magics)
        {
            if (head.Length >= offset + magic.Length && head[offset..].StartsWith(magic))
                return format;
        }

        return "raw";
    }

    /// <summary>Whether images of a format can be based on another.</summary>
    public static bool CanHaveBacking(string format) => format is "qcow2" or "qcow" or "qed" or "vmdk";

    /// <summary>The size that a guest sees, in bytes; null when the first bytes do not tell it.</summary>
    /// <param name="format">The format, which somebody has told.</param>
    /// <param name="head">The first bytes.</param>
    /// <param name="length">The size of the file.</param>
    public static long? Capacity(string format, ReadOnlySpan<byte> head, long length)
    {
        if (format == "raw")
            return length;
        if (Look(head) != format || head.Length < HeadLength)
            return null;
        ulong size = format switch
        {
            "qcow2" or "qcow" => BinaryPrimitives.ReadUInt64BigEndian(head[24..]),
            "qed" => BinaryPrimitives.ReadUInt64LittleEndian(head[48..]),
            "vdi" => BinaryPrimitives.ReadUInt64LittleEndian(head[368..]),
            "vpc" => BinaryPrimitives.ReadUInt64BigEndian(head[48..]),
            "vmdk" when head.StartsWith("KDMV"u8) => Sectors(BinaryPrimitives.ReadUInt64LittleEndian(head[12..])),
            // What comes before the encrypted content counts for none (LUKS 1, which is what QEMU reads).
            "luks" when Sectors(BinaryPrimitives.ReadUInt32BigEndian(head[104..])) is var begin && begin <= (ulong)length => (ulong)length - begin,
            _ => ulong.MaxValue,
        };
        return size <= long.MaxValue ? (long)size : null;
    }

    private static ulong Sectors(ulong count) => count <= long.MaxValue / 512 ? count * 512 : ulong.MaxValue;
}
