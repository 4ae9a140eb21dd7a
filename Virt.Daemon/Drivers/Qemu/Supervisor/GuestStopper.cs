using Virt.Domains;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>Turns guests off. It does not wait for the job slot: a guest whose job is stuck can be turned off, which ends the job.</summary>
internal static class GuestStopper
{
    private static readonly TimeSpan TerminateLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(30);

    /// <summary>Turns it off and returns when its process has ended.</summary>
    public static async Task DestroyAsync(DomainSupervisor domain, DestroyOptions options)
    {
        GuestRun run = domain.RequireRun();
        bool graceful = (options & DestroyOptions.Graceful) != 0;
        bool ours = false;
        domain.Update(() =>
        {
            ours = run.StopReason is null && domain.Run == run;
            run.StopReason ??= DomainStateReason.Destroyed;
        });
        // A stopped process takes no notice of SIGTERM.
        if (!graceful && run.Process?.ReadTimes() is { IsStopped: true })
            run.Process.Kill();
        else
            run.Process?.Terminate();
        if (await EndsWithinAsync(run, TerminateLimit).ConfigureAwait(false))
            return;
        if (graceful)
        {
            if (ours)
                domain.Update(() => run.StopReason = null);
            throw VirtException.Create(
                VirtErrorCode.OperationFailed, $"domain '{domain.Name}' has not ended {TerminateLimit.TotalSeconds} s after it was asked to",
                domain.Name, "Turn it off without asking for a graceful end.");
        }

        run.Process?.Kill();
        await WaitForEndAsync(domain, run, KillLimit).ConfigureAwait(false);
    }

    /// <summary>Waits for the end of a run that was asked to end.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationTimeout"/>.</exception>
    public static async Task WaitForEndAsync(DomainSupervisor domain, GuestRun run, TimeSpan limit)
    {
        if (await EndsWithinAsync(run, limit).ConfigureAwait(false))
            return;
        throw VirtException.Create(
            VirtErrorCode.OperationTimeout, $"the process of domain '{domain.Name}' (pid {run.Process?.Pid}) does not end", domain.Name,
            "It waits in the kernel, most likely for storage: look at the host's disks.");
    }

    private static async Task<bool> EndsWithinAsync(GuestRun run, TimeSpan limit)
    {
        try
        {
            await run.Ended.WaitAsync(limit).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
