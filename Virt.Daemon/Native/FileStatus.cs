using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Virt.Daemon.Native;

/// <summary>What kind of file a path or descriptor leads to.</summary>
internal enum FileKind
{
    /// <summary>A file with content.</summary>
    Regular,
    /// <summary>A folder.</summary>
    Folder,
    /// <summary>A FIFO, socket or device: opening it may wait or do something.</summary>
    Special,
}

/// <summary>A file as statx(2) tells of it.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Links">How many names it has.</param>
/// <param name="Owner">Its owner's user id.</param>
/// <param name="Inode">Its number on its file system.</param>
/// <param name="Length">Its length, in bytes.</param>
internal readonly record struct FileStatus(FileKind Kind, uint Links, uint Owner, ulong Inode, long Length)
{
    /// <summary>Looks at a path, through symbolic links; null when there is nothing or it cannot be reached.</summary>
    public static FileStatus? TryRead(string path) => Statx.Read(Statx.CurrentFolder, path, 0);

    /// <summary>Looks at an open file.</summary>
    public static FileStatus? TryRead(SafeFileHandle file)
    {
        bool held = false;
        try
        {
            file.DangerousAddRef(ref held);
            return Statx.Read((int)file.DangerousGetHandle(), string.Empty, Statx.EmptyPath);
        }
        finally
        {
            if (held)
                file.DangerousRelease();
        }
    }
}

/// <summary>The call and its structure, which is the same on all architectures.</summary>
internal static unsafe partial class Statx
{
    public const int CurrentFolder = -100;
    public const int EmptyPath = 0x1000;

    private const uint BasicStatistics = 0x7ff;
    private const int Size = 256;
    private const int TypeMask = 0xf000;
    private const int RegularType = 0x8000;
    private const int FolderType = 0x4000;

    /// <summary>Looks; null when the call fails.</summary>
    public static FileStatus? Read(int folder, string path, int flags)
    {
        byte* buffer = stackalloc byte[Size];
        if (Call(folder, path, flags, BasicStatistics, buffer) != 0)
            return null;
        FileKind kind = (*(ushort*)(buffer + 28) & TypeMask) switch
        {
            RegularType => FileKind.Regular,
            FolderType => FileKind.Folder,
            _ => FileKind.Special,
        };
        return new FileStatus(kind, *(uint*)(buffer + 16), *(uint*)(buffer + 20), *(ulong*)(buffer + 32), *(long*)(buffer + 40));
    }

    [LibraryImport(Virt.Native.LibC.Name, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Call(int folder, string path, int flags, uint mask, byte* buffer);
}
