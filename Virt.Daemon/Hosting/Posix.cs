using System.Runtime.InteropServices;

namespace Virt.Daemon.Hosting;

/// <summary>The few system calls that .NET does not offer.</summary>
internal static partial class Posix
{
    private const int Sigterm = 15;
    private const int WriteMode = 2;

    /// <summary>Asks a process to end.</summary>
    public static void Terminate(int processId) => _ = Kill(processId, Sigterm);

    /// <summary>Whether this process may write to a file or folder, as the kernel judges it (access(2)).</summary>
    public static bool MayWrite(string path) => Access(path, WriteMode) == 0;

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
