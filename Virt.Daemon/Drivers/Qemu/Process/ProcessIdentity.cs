using System.Globalization;

namespace Virt.Daemon.Drivers.Qemu.Process;

/// <summary>
/// A process for good: its pid, when it started (clock ticks after boot, field 22 of proc(5) stat) and the boot it belongs to,
/// because a pid alone is reused.
/// </summary>
/// <param name="Pid">Its pid.</param>
/// <param name="StartTicks">When it started.</param>
/// <param name="BootId">The kernel's boot id.</param>
internal sealed record ProcessIdentity(int Pid, long StartTicks, string BootId)
{
    /// <summary>This boot of the kernel.</summary>
    public static string CurrentBootId { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>The identity of a process that lives; null when there is none, or only its corpse.</summary>
    public static ProcessIdentity? TryRead(int pid) =>
        ProcessTimes.TryRead($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/stat") is { IsDead: false } times
            ? new ProcessIdentity(pid, times.StartTicks, CurrentBootId)
            : null;
}
