using System.Runtime.InteropServices;
using Virt.Native;

namespace Virt.Daemon.Native;

/// <summary>Asks the kernel for the priority of a user's processes (getpriority(2)), which it has only if there are any.</summary>
internal static partial class ProcessPriority
{
    private const int OfUser = 2;
    private const int NoProcess = 3;

    /// <summary>Whether a user has processes, in whatever session or container.</summary>
    public static bool HasProcesses(uint user)
    {
        // The priority itself may be -1.
        Marshal.SetLastSystemError(0);
        return Get(OfUser, user) != -1 || Marshal.GetLastPInvokeError() != NoProcess;
    }

    [LibraryImport(LibC.Name, EntryPoint = "getpriority", SetLastError = true)]
    private static partial int Get(int which, uint user);
}
