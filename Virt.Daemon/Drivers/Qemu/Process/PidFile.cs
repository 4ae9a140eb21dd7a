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
        using SafeFileHandle? file = HostPath.TryOpen(path);
        if (file is null || FileStatus.Of(file).Kind != FileKind.File)
            return null;
        using FileStream stream = File.OpenRead($"/proc/self/fd/{file.DangerousGetHandle()}");
        Span<byte> text = stackalloc byte[MaximumLength];
        int length = stream.ReadAtLeast(text, MaximumLength, throwOnEndOfStream: false);
        if (!int.TryParse(text[..length].Trim("\n "u8), NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
            return null;
        ProcessIdentity? identity = ProcessIdentity.TryRead(pid);
        using SafeFileHandle? process = HostPath.TryOpen($"/proc/{pid}");
        return identity is not null && process is not null && FileStatus.Of(process).User == (user?.User ?? Accounts.Own)
            && File.ReadAllText($"/proc/{pid}/cmdline").Split('\0').Contains(path)
            ? identity
            : null;
    }
}
