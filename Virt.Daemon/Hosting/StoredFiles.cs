using Microsoft.Extensions.Logging;
using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Hosting;

/// <summary>
/// A folder of files that a starting daemon reads, where a crash, an administrator or another program may have left anything. What
/// cannot be used is set aside, so that it is neither in the way nor lost, and what is right beside it loads.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="extension">The ending of the files.</param>
/// <param name="maximum">The most bytes of one.</param>
/// <param name="logger">Told of what is set aside.</param>
internal sealed class StoredFiles(string folder, string extension, int maximum, ILogger logger)
{
    /// <summary>Makes a folder for the daemon's files; what is in its place without being one is set aside.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.SystemError"/>, naming the folder.</exception>
    public static void MakeFolder(string folder, UnixFileMode mode, ILogger logger)
    {
        try
        {
            if (HostFile.TryLook(folder) is { Kind: not FileKind.Folder })
                HostLog.FileSetAside(logger, folder, "a folder is expected there", DurableFile.SetAside(folder));
            Folders.Make(folder, mode);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new VirtException(
                VirtErrorCode.SystemError, $"the folder '{folder}' cannot be made: {denied.Message}", folder,
                "Look at the rights and the space there, and at what lies in its place.", denied);
        }
    }

    /// <summary>Removes what writers that were cut short have left.</summary>
    public void RemoveUnfinished()
    {
        foreach (string rubbish in Folders.List(folder, DurableFile.TemporaryExtension))
            DurableFile.TryDelete(rubbish);
    }

    /// <summary>The paths of all files, and of what has a file's name without being one.</summary>
    public IReadOnlyList<string> List() => Folders.List(folder, extension);

    /// <summary>Reads one; null when it cannot be used, which is then reported.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parse">Makes sense of its bytes; throws when there is none.</param>
    /// <param name="wasSetAside">Whether it was moved away.</param>
    public T? TryRead<T>(string path, Func<byte[], T> parse, out bool wasSetAside)
        where T : class
    {
        wasSetAside = true;
        try
        {
            T parsed = parse(HostFile.Read(path, maximum));
            wasSetAside = false;
            return parsed;
        }
        catch (Exception none) when (none is FileNotFoundException or DirectoryNotFoundException)
        {
            using Microsoft.Win32.SafeHandles.SafeFileHandle? there = HostPath.TryOpen(path);
            wasSetAside = there is not null;
            if (wasSetAside)
                SetAside(path, "it is a link that leads nowhere");
        }
        catch (IOException unreadable) when (unreadable is not UnsuitableFileException)
        {
            // A fault of the moment or the disk, not of the file: it stays where it is.
            HostLog.FileUnreadable(logger, path, unreadable.Message);
            wasSetAside = false;
        }
        catch (Exception unusable)
        {
            SetAside(path, unusable.Message);
        }

        return null;
    }

    /// <summary>Moves what cannot be used out of the way and reports it.</summary>
    public void SetAside(string path, string reason)
    {
        try
        {
            HostLog.FileSetAside(logger, path, reason, DurableFile.SetAside(path));
        }
        catch (Exception stuck) when (stuck is IOException or UnauthorizedAccessException)
        {
            HostLog.FileUnreadable(logger, path, $"{reason}; {stuck.Message}");
        }
    }
}
