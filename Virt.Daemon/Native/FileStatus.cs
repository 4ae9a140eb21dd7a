using System.Runtime.InteropServices;
using Virt.Native;

namespace Virt.Daemon.Native;

/// <summary>What a file is.</summary>
internal enum FileKind
{
    Pipe = 0x1000,
    CharacterDevice = 0x2000,
    Folder = 0x4000,
    BlockDevice = 0x6000,
    File = 0x8000,
    Link = 0xa000,
    Socket = 0xc000,
}

/// <summary>What the kernel knows of an open file (statx(2)).</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Mode">Its permissions, with the set-user and set-group bits.</param>
/// <param name="User">Whose it is.</param>
/// <param name="Group">Its group.</param>
/// <param name="Links">How many names it has.</param>
/// <param name="Device">The number of the file system, major in the upper half.</param>
/// <param name="Inode">Its number there.</param>
/// <param name="Size">How many bytes it has.</param>
/// <param name="Modified">When its content was last changed, in nanoseconds since 1970.</param>
/// <param name="Changed">When it was last changed in any way, in nanoseconds since 1970; who may not set the clock cannot set it.</param>
internal readonly unsafe partial record struct FileStatus(
    FileKind Kind, int Mode, uint User, uint Group, uint Links, ulong Device, ulong Inode, long Size, long Modified, long Changed)
{
    private const int CurrentFolder = -100;
    private const int EmptyPath = 0x1000;
    private const uint Basic = 0x7ff;
    private const int BufferSize = 256;

    /// <summary>Whether it runs as its owner or group.</summary>
    public bool IsSetUser => (Mode & 0xc00) != 0;

    /// <summary>Asks for an open file, or one opened as a path only.</summary>
    public static FileStatus Of(SafeHandle file)
    {
        byte* status = stackalloc byte[BufferSize];
        return Get(file, "", EmptyPath, Basic, status) == 0 ? Read(status) : throw LibC.LastError("the state of a file cannot be read");
    }

    /// <summary>Looks at a path, through symbolic links; null when there is nothing or it cannot be reached.</summary>
    public static FileStatus? TryRead(string path)
    {
        byte* status = stackalloc byte[BufferSize];
        return GetPath(CurrentFolder, path, 0, Basic, status) == 0 ? Read(status) : null;
    }

    private static FileStatus Read(byte* status)
    {
        int mode = *(ushort*)(status + 28);
        return new FileStatus(
            (FileKind)(mode & 0xf000), mode & 0xfff, *(uint*)(status + 20), *(uint*)(status + 24), *(uint*)(status + 16),
            ((ulong)*(uint*)(status + 136) << 32) | *(uint*)(status + 140), *(ulong*)(status + 32),
            *(long*)(status + 40), ReadTime(status + 112), ReadTime(status + 96));
    }

    private static long ReadTime(byte* time) => unchecked((*(long*)time * 1_000_000_000) + *(uint*)(time + 8));

    [LibraryImport(LibC.Name, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetPath(int folder, string path, int flags, uint mask, byte* status);

    [LibraryImport(LibC.Name, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Get(SafeHandle folder, string path, int flags, uint mask, byte* status);
}
