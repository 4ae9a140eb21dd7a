using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Virt.Native;

namespace Virt.Daemon.Native;

/// <summary>Opens and reads files in folders where anything may lie: a FIFO does not make the caller wait, a device is not opened.</summary>
internal static partial class RegularFile
{
    private const int ReadOnly = 0;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int NotPermitted = 1;
    private const int NoEntry = 2;
    private const int AccessDenied = 13;

    /// <summary>Opens a file to read it.</summary>
    /// <exception cref="IOException">It is not there, cannot be opened, or is no file with content.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static SafeFileHandle Open(string path)
    {
        // Opening some devices does something: they are told apart first, and again once nobody can exchange them.
        Demand(FileStatus.TryRead(path), path, orMissing: true);
        int fd = OpenPath(path, ReadOnly | NonBlocking | CloseOnExec);
        if (fd < 0)
            throw Failure(Marshal.GetLastPInvokeError(), path);
        var file = new SafeFileHandle(fd, ownsHandle: true);
        try
        {
            Demand(FileStatus.Of(file), path, orMissing: false);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maximum">The most bytes it may have.</param>
    /// <exception cref="IOException">As <see cref="Open"/>, or it is longer.</exception>
    public static byte[] Read(string path, int maximum)
    {
        using SafeFileHandle file = Open(path);
        long length = RandomAccess.GetLength(file);
        if (length > maximum)
            throw new UnsuitableFileException($"'{path}' has {length} bytes, more than the {maximum} that are read");
        byte[] bytes = new byte[length];
        int filled = 0;
        while (filled < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(filled), filled) is > 0 and var count)
            filled += count;
        return filled == bytes.Length ? bytes : bytes[..filled];
    }

    private static void Demand(FileStatus? status, string path, bool orMissing)
    {
        if (status is not { Kind: FileKind.File } && !(orMissing && status is null))
            throw new UnsuitableFileException($"'{path}' is {(status?.Kind == FileKind.Folder ? "a folder" : "a FIFO, socket or device")}, not a file");
    }

    private static Exception Failure(int error, string path) => error switch
    {
        NoEntry => new FileNotFoundException($"there is no file '{path}'", path),
        NotPermitted or AccessDenied => new UnauthorizedAccessException($"'{path}' must not be read: {Marshal.GetPInvokeErrorMessage(error)}"),
        _ => new IOException($"'{path}' cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}"),
    };

    [LibraryImport(LibC.Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenPath(string path, int flags);
}

/// <summary>What lies at a path is there and can be reached, but is not what is expected there.</summary>
/// <param name="message">What it is.</param>
internal sealed class UnsuitableFileException(string message) : IOException(message);
