using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Virt.Remote.Transports;

/// <summary>An exclusive lock on a file between processes (flock(2)); it ends with the handle, also when the process dies.</summary>
[SupportedOSPlatform("linux")]
internal static partial class FileLock
{
    private const int Exclusive = 2;
    private const int Interrupted = 4;
    private const int ReadWriteCreateCloseOnExec = 0x2 | 0x40 | 0x80000;
    private const uint OwnerOnly = 0x180;

    /// <summary>Waits for the lock. The kernel has no asynchronous way to wait for it, so a thread of the pool does.</summary>
    public static async Task<SafeFileHandle> TakeAsync(string path, CancellationToken cancel)
    {
        SafeFileHandle handle = OpenFile(path);
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

    /// <summary>.NET's own way to open would try to lock the file at once, and fail.</summary>
    private static SafeFileHandle OpenFile(string path)
    {
        int descriptor = Open(path, ReadWriteCreateCloseOnExec, OwnerOnly);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"{path} cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");
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

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(SafeFileHandle file, int operation);
}
