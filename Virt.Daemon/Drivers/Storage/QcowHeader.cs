using System.Buffers.Binary;
using System.Text;

namespace Virt.Daemon.Drivers.Storage;

/// <summary>Reads from a qcow or qcow2 image which one it is based on (QEMU's docs/interop/qcow2.txt: magic, version, offset and
/// length of the backing file's name).</summary>
internal static class QcowHeader
{
    private const int Length = 20;
    private const int MaximumName = 1023;

    private static ReadOnlySpan<byte> Magic => [(byte)'Q', (byte)'F', (byte)'I', 0xfb];

    /// <summary>The path of the image below it; null when there is none, or it is another kind of image.</summary>
    public static string? ReadBacking(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            Span<byte> header = stackalloc byte[Length];
            if (file.ReadAtLeast(header, Length, throwOnEndOfStream: false) < Length || !header.StartsWith(Magic))
                return null;
            ulong offset = BinaryPrimitives.ReadUInt64BigEndian(header[8..]);
            uint length = BinaryPrimitives.ReadUInt32BigEndian(header[16..]);
            if (offset is 0 or > long.MaxValue || length is 0 or > MaximumName)
                return null;
            file.Position = (long)offset;
            var name = new byte[length];
            file.ReadExactly(name);
            string text = Encoding.UTF8.GetString(name);
            return text.StartsWith("json:", StringComparison.Ordinal) ? text : Path.GetFullPath(text, Path.GetDirectoryName(path)!);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
