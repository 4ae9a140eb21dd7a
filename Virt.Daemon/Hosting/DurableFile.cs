using Microsoft.Win32.SafeHandles;
using Virt.Errors;

namespace Virt.Daemon.Hosting;

/// <summary>
/// Files that are there whole or not at all, whenever virtd or the host stops: written beside, flushed, renamed, and the folder
/// flushed.
/// </summary>
internal static class DurableFile
{
    /// <summary>The ending of files that were being written; what is left of them is rubbish.</summary>
    public const string TemporaryExtension = ".tmp";

    /// <summary>What follows a file's name when it was set aside, before the time.</summary>
    public const string AsideMark = ".corrupt-";

    /// <summary>Writes or replaces a file.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content) => Replace(path, content, durable: true);

    /// <summary>Writes or replaces a file whole, without waiting for the disk: for what does not outlive the host's run anyway.</summary>
    public static void WriteVolatile(string path, ReadOnlySpan<byte> content) => Replace(path, content, durable: false);

    /// <summary>Removes a file; it is no error when it is not there.</summary>
    public static void Delete(string path)
    {
        Guard($"cannot remove '{path}'", () =>
        {
            if (HostFile.Delete(path))
                Folders.Flush(Path.GetDirectoryName(path)!);
        });
    }

    /// <summary>Removes a file as far as that can be done.</summary>
    public static void TryDelete(string path)
    {
        try
        {
            HostFile.Delete(path);
        }
        catch (Exception stuck) when (stuck is IOException or UnauthorizedAccessException)
        {
            // Rubbish that stays does no harm: it is never read, and the next start tries again.
        }
    }

    /// <summary>
    /// Moves what cannot be used out of the way, be it a file, a folder or anything else, for a person to look at; returns its new
    /// name.
    /// </summary>
    public static string SetAside(string path)
    {
        string aside = $"{path}{AsideMark}{DateTime.UtcNow:yyyyMMdd'T'HHmmssfff}-{Random.Shared.Next(0x10000):x4}";
        HostFile.Rename(path, aside);
        return aside;
    }

    /// <summary>Gives a file another name, durably; what has that name is replaced.</summary>
    public static void Rename(string path, string name)
    {
        Guard($"cannot rename '{path}'", () =>
        {
            HostFile.Rename(path, name);
            Folders.Flush(Path.GetDirectoryName(name)!);
        });
    }

    private static void Replace(string path, ReadOnlySpan<byte> content, bool durable)
    {
        try
        {
            using HostFolder folder = HostFolder.OpenParent(path, out string name);
            string temporary = $"{name}.{Guid.NewGuid():N}{TemporaryExtension}";
            try
            {
                using (SafeFileHandle file = folder.Create(temporary))
                {
                    RandomAccess.Write(file, content, 0);
                    if (durable)
                        HostFile.Flush(file, path);
                }

                folder.Rename(temporary, folder, name);
            }
            catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
            {
                TryDelete(folder.PathOf(temporary));
                throw;
            }

            if (durable)
                folder.Flush();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw Failure($"cannot write '{path}'", failed);
        }
    }

    private static void Guard(string what, Action action)
    {
        try
        {
            action();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw Failure(what, failed);
        }
    }

    private static VirtException Failure(string what, Exception cause) =>
        new(VirtErrorCode.SystemError, $"{what}: {cause.Message}", recommendedAction: "Look at the space and the permissions there.", innerException: cause);
}
