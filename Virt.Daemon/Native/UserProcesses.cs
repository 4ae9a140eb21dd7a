using System.Globalization;
using System.Runtime.InteropServices;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Native;

namespace Virt.Daemon.Native;

/// <summary>The processes of a user.</summary>
internal static partial class UserProcesses
{
    private const int OfUser = 2;
    private const int NoProcess = 3;

    /// <summary>Whether a user has processes, in whatever session or container. Those that have ended and are not reaped do not count.</summary>
    public static bool Any(uint user) =>
        HasPriority(user) && Directory.EnumerateDirectories("/proc").Any(process => IsOf(process, user) && IsAlive(process));

    // The kernel has a priority for a user that has processes (getpriority(2)), dead ones among them. It is -1 at times.
    private static bool HasPriority(uint user)
    {
        Marshal.SetLastSystemError(0);
        return GetPriority(OfUser, user) != -1 || Marshal.GetLastSystemError() != NoProcess;
    }

    // Whose a process's folder is a process can change.
    private static bool IsOf(string process, uint user)
    {
        string name = Path.GetFileName(process);
        if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            return false;
        try
        {
            return File.ReadLines($"{process}/status").FirstOrDefault(line => line.StartsWith("Uid:", StringComparison.Ordinal)) is { } line
                && line.Split('\t').Contains(user.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // The first thread can end before the others.
    private static bool IsAlive(string process)
    {
        try
        {
            return Directory.EnumerateDirectories($"{process}/task").Any(thread => ProcessTimes.TryRead($"{thread}/stat") is { IsDead: false });
        }
        catch (IOException)
        {
            return false;
        }
    }

    [LibraryImport(LibC.Name, EntryPoint = "getpriority", SetLastError = true)]
    private static partial int GetPriority(int which, uint user);
}
