using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Native;

namespace Virt.Daemon.Files;

/// <summary>
/// Files by their absolute paths, in folders where anything may lie: nobody's links are followed but root's and the daemon's own, a FIFO
/// makes nobody wait, a device is not opened where a file is meant, and no more is read than was asked for.
/// </summary>
internal static class HostFile
{
    /// <summary>Opens a file to read it.</summary>
    /// <exception cref="IOException">It is not there, cannot be opened, or is no file with content.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static SafeFileHandle OpenRead(string path, LinkRule rule = LinkRule.Trusted) => Open(path, OpenCalls.ReadOnly, rule);

    /// <summary>Opens a file to read and write it.</summary>
    /// <exception cref="IOException">As <see cref="OpenRead"/>.</exception>
    public static SafeFileHandle OpenWrite(string path, LinkRule rule = LinkRule.Trusted) => Open(path, OpenCalls.ReadWrite, rule);

    /// <summary>Makes a file that must not be there, for its owner alone, to read and write it.</summary>
    public static SafeFileHandle Create(string path)
    {
        using HostFolder folder = HostFolder.OpenParent(path, out string name);
        return folder.Create(name);
    }

    /// <summary>Makes a file that must not be there, for its owner alone, by a descriptor that can only write it.</summary>
    public static SafeFileHandle CreateForWriting(string path)
    {
        using HostFolder folder = HostFolder.OpenParent(path, out string name);
        return folder.CreateForWriting(name);
    }

    /// <summary>Opens a block device to read and write it; nothing else is opened.</summary>
    public static SafeFileHandle OpenBlockDevice(string path)
    {
        using HostPath found = HostPath.Find(path) ?? throw FileErrors.Of(FileErrors.NoEntry, path);
        if (found.Status.Kind != FileKind.BlockDevice)
            throw new UnsuitableFileException($"'{path}' is {FileErrors.Name(found.Status.Kind)}, not a block device");
        return OpenCalls.TryReopen(found.File, OpenCalls.ReadWrite, out int error) ?? throw FileErrors.Of(error, path);
    }

    /// <summary>Opens or makes a file in which every write lands at the end, for its owner alone.</summary>
    public static SafeFileHandle Append(string path)
    {
        using HostFolder folder = HostFolder.OpenParent(path, out string name);
        return folder.Append(name);
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maximum">The most bytes it may have.</param>
    /// <exception cref="IOException">As <see cref="OpenRead"/>, or it is longer.</exception>
    public static byte[] Read(string path, int maximum)
    {
        using SafeFileHandle file = OpenRead(path);
        return Read(file, path, maximum);
    }

    /// <summary>Reads a whole file that is open.</summary>
    public static byte[] Read(SafeFileHandle file, string path, int maximum)
    {
        long length = RandomAccess.GetLength(file);
        if (length > maximum)
            throw new UnsuitableFileException($"'{path}' has {length} bytes, more than the {maximum} that are read");
        byte[] bytes = new byte[length];
        int filled = 0;
        while (filled < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(filled), filled) is > 0 and var count)
            filled += count;
        return filled == bytes.Length ? bytes : bytes[..filled];
    }

    /// <summary>What a path leads to; null when there is nothing, or it cannot be reached or not be trusted.</summary>
    public static FileStatus? TryLook(string path, LinkRule rule = LinkRule.Trusted)
    {
        try
        {
            using HostPath? found = HostPath.Find(path, rule);
            return found?.Status;
        }
        catch (Exception unreachable) when (unreachable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether a path leads to a file.</summary>
    public static bool Exists(string path, LinkRule rule = LinkRule.Trusted) => TryLook(path, rule) is { Kind: FileKind.File };

    /// <summary>Removes a name that is no folder's; false when there is none.</summary>
    public static bool Delete(string path)
    {
        using HostFolder? folder = HostFolder.TryOpen(Path.GetDirectoryName(path)!);
        return folder?.Delete(Path.GetFileName(path)) == true;
    }

    /// <summary>Gives a file or folder another name.</summary>
    public static void Rename(string path, string newPath, bool replace = true)
    {
        using HostFolder folder = HostFolder.OpenParent(path, out string name);
        using HostFolder target = HostFolder.OpenParent(newPath, out string newName);
        folder.Rename(name, target, newName, replace);
    }

    /// <summary>Gives a file a second name, which nothing may have: it can be had under its old and its new name at once.</summary>
    public static void Link(string path, string newPath)
    {
        using HostFolder folder = HostFolder.OpenParent(path, out string name);
        using HostFolder target = HostFolder.OpenParent(newPath, out string newName);
        folder.Link(name, target, newName);
    }

    /// <summary>Makes what was written durable. <c>RandomAccess.FlushToDisk</c> would keep quiet about a disk that fails.</summary>
    /// <exception cref="IOException">The disk has not taken it.</exception>
    public static void Flush(SafeHandle file, string path)
    {
        if (OpenCalls.Flush(file) is not 0 and var failed)
            throw FileErrors.Of(failed, path);
    }

    /// <summary>Opens the very file that a descriptor stands for.</summary>
    public static SafeFileHandle Reopen(SafeFileHandle found, int flags, string path)
    {
        if (FileStatus.Of(found).Kind is not FileKind.File and var kind)
            throw FileErrors.NotFile(kind, path);
        return OpenCalls.TryReopen(found, flags, out int error) ?? throw FileErrors.Of(error, path);
    }

    private static SafeFileHandle Open(string path, int flags, LinkRule rule)
    {
        using HostPath found = HostPath.Find(path, rule) ?? throw FileErrors.Of(FileErrors.NoEntry, path);
        return Reopen(found.File, flags, path);
    }
}
