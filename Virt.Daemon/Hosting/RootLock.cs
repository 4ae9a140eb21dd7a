using Virt.Daemon.Native;
using Virt.Errors;

namespace Virt.Daemon.Hosting;

/// <summary>Makes sure that one daemon at a time has a set of folders: two would fight over the same guests.</summary>
internal sealed class RootLock : IDisposable
{
    // EWOULDBLOCK of flock(2), which the framework takes for FileShare.None.
    private const int WouldBlock = 11;

    private readonly FileStream _file;

    private RootLock(FileStream file) => _file = file;

    /// <summary>Takes the lock; the kernel gives it back however the process ends.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.SystemError"/> when another daemon has it.</exception>
    public static RootLock Take(VirtDirectories directories)
    {
        string path = Path.Combine(directories.Run, "virtd.lock");
        try
        {
            if (FileStatus.TryRead(path) is { Kind: not FileKind.File })
                DurableFile.SetAside(path);
            return new RootLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException || (denied is IOException && denied.HResult != WouldBlock))
        {
            throw new VirtException(
                VirtErrorCode.SystemError, $"the lock '{path}' cannot be written: {denied.Message}", path,
                "Look at the rights and the space there.", denied);
        }
        catch (IOException taken)
        {
            throw new VirtException(
                VirtErrorCode.SystemError, $"another virtd runs on {directories.Run}", path,
                "Stop it first, or start this one on another folder with --root DIR.", taken);
        }
    }

    public void Dispose() => _file.Dispose();
}
