using Virt.Native;
using System.Runtime.InteropServices;

namespace Virt.Daemon.Native;

/// <summary>The offset that a descriptor shares with the process it is passed to (lseek(2)); the framework's own I/O leaves it alone.</summary>
internal static partial class FileOffset
{
    /// <summary>Sets it.</summary>
    public static void Set(SafeHandle file, long offset)
    {
        if (Seek(file, offset, 0) < 0)
            throw LibC.LastError("a file cannot be positioned");
    }

    [LibraryImport(LibC.Name, EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeHandle file, long offset, int whence);
}
