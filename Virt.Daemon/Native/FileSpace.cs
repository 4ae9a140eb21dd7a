using System.Runtime.InteropServices;
using Virt.Native;

namespace Virt.Daemon.Native;

/// <summary>How much an open file or block device holds.</summary>
/// <param name="Length">Its size, in bytes.</param>
/// <param name="Allocated">What it takes on its file system, in bytes; 0 for a device.</param>
internal readonly unsafe partial record struct FileSpace(long Length, long Allocated)
{
    private const int FromEnd = 2;
    private const int EmptyPath = 0x1000;
    private const uint Basic = 0x7ff;
    private const int Size = 256;
    private const int BlockSize = 512;

    /// <summary>Asks the kernel (statx(2), lseek(2)).</summary>
    public static FileSpace Of(SafeHandle file)
    {
        byte* status = stackalloc byte[Size];
        if (Get(file, "", EmptyPath, Basic, status) != 0)
            throw LibC.LastError("the size of a file cannot be read");
        long length = *(long*)(status + 40);
        if ((*(ushort*)(status + 28) & 0xf000) == (int)FileKind.BlockDevice)
            length = Math.Max(0, Seek(file, 0, FromEnd));
        return new FileSpace(length, *(long*)(status + 48) * BlockSize);
    }

    [LibraryImport(LibC.Name, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Get(SafeHandle folder, string path, int flags, uint mask, byte* status);

    [LibraryImport(LibC.Name, EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeHandle file, long offset, int whence);
}
