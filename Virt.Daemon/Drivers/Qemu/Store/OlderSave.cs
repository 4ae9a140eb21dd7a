using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Native;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Store;

/// <summary>
/// A saved guest of an older virtd, all in one file that QEMU could write: 16 bytes of magic, then big-endian u32 format, flags and
/// length of the XML, the XML, and zeros up to a multiple of 4096; QEMU's stream follows. The XML is not read: any program it names
/// would be run. The domain's stored definition takes its place, and QEMU refuses a stream that does not fit it.
/// </summary>
internal static class OlderSave
{
    private const int FixedLength = 28;
    private const int Alignment = 4096;
    private const uint Format = 1;
    private const uint PausedFlag = 1;

    private static ReadOnlySpan<byte> Magic => "VirtSavedGuest\r\n"u8;

    /// <summary>Whether a file begins as one.</summary>
    public static bool Is(SafeFileHandle file)
    {
        Span<byte> head = stackalloc byte[Magic.Length];
        return RandomAccess.Read(file, head, 0) == head.Length && head.SequenceEqual(Magic);
    }

    /// <summary>Leaves the descriptor's offset at QEMU's stream and tells how the guest goes on.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">Its path, for errors.</param>
    /// <param name="definition">The domain's stored definition.</param>
    public static SavedState Open(SafeFileHandle file, string path, StoredDefinition definition)
    {
        Span<byte> head = stackalloc byte[FixedLength];
        if (RandomAccess.Read(file, head, 0) != FixedLength)
            throw SavedState.Damaged(path, "it ends within its head");
        uint format = BinaryPrimitives.ReadUInt32BigEndian(head[16..]);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(head[24..]);
        if (format != Format || length > SafeXml.MaximumCharacters)
            throw SavedState.Damaged(path, $"its format {format} is not known");
        FileOffset.Set(file, (FixedLength + length + Alignment - 1) / Alignment * Alignment);
        bool paused = (BinaryPrimitives.ReadUInt32BigEndian(head[20..]) & PausedFlag) != 0;
        return new SavedState(SavedState.CurrentFormat, paused, definition.Xml);
    }
}
