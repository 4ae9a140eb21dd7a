using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Virt.Remote.Transports;

/// <summary>An exclusive lock on a file between processes (flock(2)); it ends with the handle, also when the process dies.</summary>
internal static partial class FileLock
{
    private const int Exclusive = 2;
    private const int Interrupted = 4;

    /// <summary>Waits for the lock. The kernel has no asynchronous way to wait for it, so a thread of the pool does.</summary>
    public static async Task<SafeFileHandle> TakeAsync(string path, CancellationToken cancel)
    {
        SafeFileHandle handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        Task locking = Task.Run(() => Lock(handle, path), CancellationToken.None);
        try
        {
            await locking.WaitAsync(cancel).ConfigureAwait(false);
            return handle;
        }
        catch
        {
            _ = locking.ContinueWith(_ => handle.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }
    }

    private static void Lock(SafeFileHandle handle, string path)
    {
        while (Flock(handle, Exclusive) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
                throw new IOException($"{path} cannot be locked: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(SafeFileHandle file, int operation);
}
