using System.Net.Sockets;
using System.Runtime.InteropServices;
using Virt.Errors;
using Virt.Native;

namespace Virt.Daemon.Drivers.Qemu.Consoles;

/// <summary>Opens the slave side of a pseudo terminal whose master QEMU holds (pts(4)).</summary>
internal static unsafe partial class PseudoTerminal
{
    private const string Folder = "/dev/pts/";
    private const int ReadWrite = 2;
    private const int NoControllingTerminal = 0x100;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int Now = 0;

    /// <summary>More than struct termios has on any architecture; only libc looks inside.</summary>
    private const int TermiosSize = 256;

    /// <summary>
    /// Opens it without becoming its session's leader and turns its line editing off. The framework's sockets drive any descriptor
    /// that epoll(7) takes.
    /// </summary>
    public static Socket Open(string path)
    {
        // The path is QEMU's word, and QEMU is not to be believed: it must not make us open anything else.
        if (!path.StartsWith(Folder, StringComparison.Ordinal) || path.Length == Folder.Length || !path.AsSpan(Folder.Length).ContainsOnlyDigits())
            throw new VirtException(VirtErrorCode.InternalError, $"'{path}' is not a pseudo terminal", path);
        int fd = OpenFile(path, ReadWrite | NoControllingTerminal | NonBlocking | CloseOnExec);
        if (fd < 0)
            throw LibC.LastError($"the pseudo terminal '{path}' cannot be opened", path);
        var handle = new SafeSocketHandle(fd, ownsHandle: true);
        byte* mode = stackalloc byte[TermiosSize];
        if (GetMode(handle, mode) == 0)
        {
            MakeRaw(mode);
            if (SetMode(handle, Now, mode) == 0)
                return new Socket(handle);
        }

        int error = Marshal.GetLastPInvokeError();
        handle.Dispose();
        throw LibC.Error(error, $"the pseudo terminal '{path}' cannot be set up", path);
    }

    private static bool ContainsOnlyDigits(this ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');

    [LibraryImport(LibC.Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport(LibC.Name, EntryPoint = "tcgetattr", SetLastError = true)]
    private static partial int GetMode(SafeHandle fd, byte* mode);

    [LibraryImport(LibC.Name, EntryPoint = "tcsetattr", SetLastError = true)]
    private static partial int SetMode(SafeHandle fd, int when, byte* mode);

    [LibraryImport(LibC.Name, EntryPoint = "cfmakeraw")]
    private static partial void MakeRaw(byte* mode);
}
