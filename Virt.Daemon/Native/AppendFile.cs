using Virt.Native;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Virt.Daemon.Native;

/// <summary>Files in which every write lands at the end, whoever writes (open(2) with O_APPEND).</summary>
internal static partial class AppendFile
{
    private const int WriteOnly = 1;
    private const int Create = 0x40;
    private const int Append = 0x400;
    private const int CloseOnExec = 0x80000;
    private const uint OwnerOnly = 0x180;

    /// <summary>Opens or makes the file, for its owner alone.</summary>
    public static SafeFileHandle Open(string path)
    {
        int fd = OpenPath(path, WriteOnly | Create | Append | CloseOnExec, OwnerOnly);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw LibC.LastError($"cannot open '{path}'");
    }

    [LibraryImport(LibC.Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenPath(string path, int flags, uint mode);
}
