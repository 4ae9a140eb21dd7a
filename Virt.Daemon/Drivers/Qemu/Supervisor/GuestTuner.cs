using Virt.Daemon.Drivers.Qemu.Definition.Tuning;
using Virt.Daemon.Drivers.Qemu.Process.Native;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Daemon.Drivers.Qemu.Resources.Groups;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>Puts QEMU's threads on the processors, schedulers and control groups that the live definition names. A guest whose
/// definition names none costs nothing.</summary>
internal static class GuestTuner
{
    /// <summary>Does so for all threads there are.</summary>
    public static async Task ApplyAsync(DomainSupervisor domain, GuestRun run)
    {
        DomainDefinition? live = HasTuning(run.Live.Xml) ? run.ParseLive() : null;
        if (live is null)
            return;
        var tuning = ThreadTuning.Read(live);
        IReadOnlyList<IHostResource> resources = run.Resources
            ?? await domain.Services.Planner.ReadResourcesAsync(live, CancellationToken.None).ConfigureAwait(false);
        GuestGroup? group = resources.OfType<GuestGroup>().FirstOrDefault();
        if (tuning.IsEmpty && group is null)
            return;
        try
        {
            GuestThreads threads = await GuestThreads.QueryAsync(domain, run).ConfigureAwait(false);
            group?.Enter(domain.Name, domain.Uuid, run.Process!.Pid, threads);
            Apply(threads, tuning);
        }
        catch (VirtException refused) when (refused.Code == VirtErrorCode.SystemError)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationFailed, $"the threads of domain '{domain.Name}' cannot run as cputune says: {refused.Message}", domain.Name,
                "The host must have the processors, and real-time schedulers need the right to them (CAP_SYS_NICE).", refused);
        }
    }

    private static bool HasTuning(string xml) =>
        ((string[])["<cputune", "cpuset=", "<memtune", "<blkiotune"]).Any(sign => xml.Contains(sign, StringComparison.Ordinal));

    private static void Apply(GuestThreads threads, ThreadTuning tuning)
    {
        foreach (int thread in threads.Others)
            Apply(thread, tuning.OfEmulator);
        foreach ((int number, int thread) in threads.IOThreads)
            Apply(thread, tuning.OfIOThread(number));
        foreach ((int number, int thread) in threads.VCpus)
            Apply(thread, tuning.OfVCpu(number));
    }

    private static void Apply(int thread, (Definition.IndexSet? Pin, Scheduling? Scheduler) wanted)
    {
        if (wanted.Pin is { } pin && !ThreadScheduler.Pin(thread, pin.Members))
            return;
        if (wanted.Scheduler is { } scheduler)
            ThreadScheduler.Schedule(thread, scheduler.Policy, scheduler.Priority);
    }
}
