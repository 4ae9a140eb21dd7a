using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Native;

namespace Virt.Daemon.Drivers.Qemu.Logs;

/// <summary>
/// A file to which a guest or its QEMU appends as much as it likes: the log of a domain, the file of a serial port. Beyond a limit its
/// content moves to <c>PATH.0</c>, what was there to <c>PATH.1</c>, and so on.
/// </summary>
internal static class LogFile
{
    /// <summary>The most bytes that stay in the file, and in each of the older ones.</summary>
    public const long Limit = 2 << 20;

    /// <summary>How many older ones are kept.</summary>
    public const int Kept = 3;

    private const int BlockSize = 64 << 10;

    /// <summary>
    /// Cuts a file that is too long. Whoever appends to it goes on at its beginning; the file stays the same. Of what is more than the
    /// limit only the end is kept.
    /// </summary>
    /// <param name="path">The file; what is none, or not there, is left alone.</param>
    /// <returns>Whether it was cut.</returns>
    public static bool Cut(string path)
    {
        using HostFolder? folder = HostFolder.TryOpen(Path.GetDirectoryName(path)!);
        string name = Path.GetFileName(path);
        if (folder?.Find(name) is not { Kind: FileKind.File, Size: > Limit } status)
            return false;
        using SafeFileHandle file = folder.OpenWrite(name);
        string part = $"{name}.part";
        folder.Delete(part);
        using (SafeFileHandle copy = folder.Create(part))
        {
            CopyEnd(file, copy);
            _ = FileOwner.Set(copy, folder.Status.User, folder.Status.Group);
        }

        Shift(folder, name);
        folder.Rename(part, folder, $"{name}.0");
        RandomAccess.SetLength(file, 0);
        return true;
    }

    /// <summary>Moves a file away that is too long and that nobody writes: the next run begins another.</summary>
    public static void Rotate(string path)
    {
        using HostFolder? folder = HostFolder.TryOpen(Path.GetDirectoryName(path)!);
        string name = Path.GetFileName(path);
        if (folder?.Find(name) is not { Kind: FileKind.File, Size: > Limit })
            return;
        Shift(folder, name);
        folder.Rename(name, folder, $"{name}.0");
    }

    /// <summary>Removes a file and the older ones.</summary>
    public static void Delete(string path)
    {
        HostFile.Delete(path);
        HostFile.Delete($"{path}.part");
        for (int number = 0; number < Kept; number++)
            HostFile.Delete($"{path}.{number}");
    }

    private static void Shift(HostFolder folder, string name)
    {
        for (int number = Kept - 2; number >= 0; number--)
        {
            if (folder.Find($"{name}.{number}") is not null)
                folder.Rename($"{name}.{number}", folder, $"{name}.{number + 1}");
        }
    }

    private static void CopyEnd(SafeFileHandle file, SafeFileHandle copy)
    {
        byte[] block = new byte[BlockSize];
        long offset = Math.Max(0, RandomAccess.GetLength(file) - Limit), written = 0;
        while (written < Limit && RandomAccess.Read(file, block, offset + written) is > 0 and var count)
        {
            RandomAccess.Write(copy, block.AsSpan(0, count), written);
            written += count;
        }
    }
}
