using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Native;
using Virt.Native;

namespace Virt.Daemon.Drivers.Qemu.Consoles;

/// <summary>Opens the slave side of a pseudo terminal whose master QEMU holds (pts(4)).</summary>
internal static unsafe partial class PseudoTerminal
{
    private const string Folder = "/dev/pts/";
    private const string Index = "tty-index:";
    private const int MostRead = 1024;
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
    /// <param name="path">The slave side.</param>
    /// <param name="user">Whom QEMU runs as; null for the daemon's own user, who can open any that QEMU could name.</param>
    /// <param name="pid">QEMU's process.</param>
    /// <exception cref="UnsuitableFileException">It is no pseudo terminal, or not this QEMU's.</exception>
    public static Socket Open(string path, uint? user, int pid)
    {
        // The path is QEMU's word, and QEMU is not to be believed: it must not make us open anything else.
        if (!path.StartsWith(Folder, StringComparison.Ordinal) || path.Length == Folder.Length || !path.AsSpan(Folder.Length).ContainsOnlyDigits())
            throw new UnsuitableFileException($"'{path}' is not a pseudo terminal");
        int fd = OpenFile(path, ReadWrite | NoControllingTerminal | NonBlocking | CloseOnExec);
        if (fd < 0)
            throw LibC.LastError($"the pseudo terminal '{path}' cannot be opened", path);
        var handle = new SafeSocketHandle(fd, ownsHandle: true);
        if (user is { } other && !IsOf(handle, path[Folder.Length..], other, pid))
        {
            handle.Dispose();
            throw new UnsuitableFileException($"the pseudo terminal '{path}' is not of the guest's process");
        }

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

    // While it is open here nobody else can get its number: who has the other end of that number has the other end of this one. The kernel
    // makes it the user's who opened that end.
    private static bool IsOf(SafeHandle slave, string number, uint user, int pid) =>
        FileStatus.Of(slave) is { Kind: FileKind.CharacterDevice } status && status.User == user && Masters(pid).Contains(number);

    // "tty-index: 5" is what the kernel tells of a descriptor of a master side (proc(5)).
    private static IEnumerable<string> Masters(int pid) =>
        from descriptor in Directory.EnumerateFiles($"/proc/{pid}/fdinfo")
        from line in ReadLines(descriptor)
        where line.StartsWith(Index, StringComparison.Ordinal)
        select line[Index.Length..].Trim();

    // The name is the kernel's. What a descriptor tells of itself can be long, as the watches of an inotify; the index is among the first lines.
    private static string[] ReadLines(string path)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(path);
            byte[] text = new byte[MostRead];
            return Encoding.ASCII.GetString(text, 0, RandomAccess.Read(file, text, 0)).Split('\n');
        }
        catch (IOException)
        {
            // It was closed meanwhile.
            return [];
        }
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
