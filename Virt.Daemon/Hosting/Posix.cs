using System.Runtime.InteropServices;

namespace Virt.Daemon.Hosting;

/// <summary>The few system calls that .NET does not offer.</summary>
internal static partial class Posix
{
    private const int Sigterm = 15;

    /// <summary>Asks a process to end.</summary>
    public static void Terminate(int processId) => _ = Kill(processId, Sigterm);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
