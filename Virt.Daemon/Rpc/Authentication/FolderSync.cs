using System.Runtime.InteropServices;

namespace Virt.Daemon.Rpc.Authentication;

/// <summary>Makes a rename in a folder survive a power cut: fsync(2) on the folder, which .NET does not open.</summary>
internal static partial class FolderSync
{
    private const int ReadOnlyFolder = 0x10000 | 0x80000;

    /// <summary>Writes the folder's entries to disk.</summary>
    public static void Flush(string folder)
    {
        int descriptor = Open(folder, ReadOnlyFolder);
        if (descriptor < 0 || Sync(descriptor) != 0)
        {
            string error = Marshal.GetLastPInvokeErrorMessage();
            if (descriptor >= 0)
                _ = Close(descriptor);
            throw new IOException($"{folder} cannot be written to disk: {error}");
        }

        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
