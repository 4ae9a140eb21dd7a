using Virt.Native;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Virt.Daemon.Native;

/// <summary>Descriptors of folders (open(2) with O_DIRECTORY), which the framework does not open.</summary>
internal static partial class Folders
{
    private const int DirectoryFlag = 0x10000;
    private const int DirectoryFlagArm = 0x4000;
    private const int CloseOnExec = 0x80000;

    /// <summary>Opens a folder.</summary>
    public static SafeFileHandle Open(string path)
    {
        int flag = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? DirectoryFlagArm : DirectoryFlag;
        int fd = OpenPath(path, flag | CloseOnExec);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw LibC.LastError($"cannot open the folder '{path}'");
    }

    /// <summary>Makes what was renamed into or removed from the folder durable.</summary>
    public static void Flush(string path)
    {
        using SafeFileHandle folder = Open(path);
        if (Synchronize(folder) != 0)
            throw LibC.LastError($"cannot flush the folder '{path}'");
    }

    [LibraryImport(LibC.Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenPath(string path, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(SafeFileHandle fd);
}
