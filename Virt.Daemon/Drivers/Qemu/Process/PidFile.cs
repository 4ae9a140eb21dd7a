using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Native;

namespace Virt.Daemon.Drivers.Qemu.Process;

/// <summary>The file to which QEMU writes its pid. QEMU's user can write anything there.</summary>
internal static class PidFile
{
    private const int MaximumLength = 32;

    /// <summary>The process it names; null unless that was given this file to write and is the user's.</summary>
    public static ProcessIdentity? Read(string path, QemuUser? user)
    {
        if (!int.TryParse(ReadText(path).AsSpan().Trim("\n "u8), NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
            return null;
        ProcessIdentity? identity = ProcessIdentity.TryRead(pid);
        using SafeFileHandle? process = HostPath.TryOpen($"/proc/{pid}");
        return identity is not null && process is not null && FileStatus.Of(process).User == (user?.User ?? Accounts.Own)
            && File.ReadAllText($"/proc/{pid}/cmdline").Split('\0').Contains(path)
            ? identity
            : null;
    }

    private static byte[] ReadText(string path)
    {
        try
        {
            return HostFile.Read(path, MaximumLength);
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
