using System.Text.Json;
using Virt.Daemon.Drivers.Qemu.Hotplug;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Resources.Groups;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Domains;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>Takes over the guests that an earlier daemon left running, and finds out what became of the others.</summary>
internal sealed class GuestAdopter(QemuServices services, RunRecovery recovery)
{
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GreetingLimit = TimeSpan.FromSeconds(60);

    /// <summary>Takes over the run that a status file tells of; a guest that does not answer is taken over as it was last known.</summary>
    public async Task AdoptAsync(DomainSupervisor domain, RunStatus status)
    {
        var run = new GuestRun(status.Id, status.Folder, status.StartedAt, StoredDefinition.FromXml(status.Xml))
        {
            // A saved state that is gone has been read.
            Phase = status.Phase == RunPhase.Restoring && !services.SavedStates.Exists(domain.Name) ? RunPhase.Restored : status.Phase,
            StartPaused = status.StartPaused,
            AutoDestroy = status.AutoDestroy,
            Rebooting = status.Rebooting,
            Memory = status.Memory,
        };
        QemuProcess? process = await FindProcessAsync(status).ConfigureAwait(false);
        if (process is null)
        {
            await BuryAsync(domain, run, status).ConfigureAwait(false);
            return;
        }

        if (process.ReadUser() is { } user)
            services.UserIds.Keep(domain.Uuid, user);
        run.Process = process;
        domain.Adopt(run, status.State, status.Reason);
        domain.WatchLogs(run);
        _ = GuestEndings.WatchAsync(domain, run);
        QemuLog.Adopted(services.Logger, domain.Name, run.Id, process.Pid, status.State.ToString());
        Task settling = SettleAsync(domain, run);
        // A guest that is stopped settles when it goes on.
        if (process.ReadTimes() is { IsStopped: true })
            return;
        await Task.WhenAny(settling, Task.Delay(SettleLimit)).ConfigureAwait(false);
    }

    private async Task<QemuProcess?> FindProcessAsync(RunStatus status)
    {
        if (status.Pid != 0)
            return services.Launcher.Adopt(new ProcessIdentity(status.Pid, status.StartTicks, status.BootId));
        if (status.BootId != ProcessIdentity.CurrentBootId)
            return null;
        // The daemon was cut off between starting QEMU and writing down its pid. If there is a QEMU, it or the process that becomes
        // it holds the socket we made for it, and has written its pid file by the time it greets.
        if (recovery.FindProcess(status.Uuid) is { } started)
            return services.Launcher.Adopt(started);
        try
        {
            using var socket = await HostSocket.ConnectAsync(GuestRun.MonitorPathIn(status.Folder), CancellationToken.None).ConfigureAwait(false);
            await socket.ReceiveAsync(new byte[1]).WaitAsync(GreetingLimit).ConfigureAwait(false);
        }
        catch (Exception none) when (none is IOException or System.Net.Sockets.SocketException or TimeoutException or VirtException or UnauthorizedAccessException)
        {
            // Nobody has the socket, or who has it is not heard.
        }

        return recovery.FindProcess(status.Uuid) is { } greeted ? services.Launcher.Adopt(greeted) : null;
    }

    private async Task BuryAsync(DomainSupervisor domain, GuestRun run, RunStatus status)
    {
        QemuLog.Gone(services.Logger, domain.Name);
        domain.Adopt(run, status.State, status.Reason);
        GuestSaver.Abandon(domain);
        if (status.Phase == RunPhase.Restored)
            GuestSaver.Drop(domain);
        (DomainStateReason reason, DomainEventDetail? detail) = status switch
        {
            { Phase: RunPhase.Starting or RunPhase.Restoring } => (DomainStateReason.Failed, (DomainEventDetail?)null),
            { State: DomainState.Shutdown } => (DomainStateReason.Shutdown, DomainEventDetail.Shutdown),
            { State: DomainState.Crashed } => (DomainStateReason.Crashed, DomainEventDetail.Crashed),
            _ => (DomainStateReason.Daemon, DomainEventDetail.Failed),
        };
        await GuestResources.ReleaseAsync(domain, run).ConfigureAwait(false);
        recovery.EndHelpers(run.Folder);
        GuestEndings.Clear(services, domain.Uuid);
        domain.Detach(run, reason, detail);
    }

    private async Task SettleAsync(DomainSupervisor domain, GuestRun run)
    {
        try
        {
            await GuestScope.EnterAsync(domain, run).ConfigureAwait(false);
            await domain.RunJobAsync("take over", async () =>
            {
                await domain.AwaitMonitorAsync(run).ConfigureAwait(false);
                await SettleHeldAsync(domain, run).ConfigureAwait(false);
            }, Timeout.InfiniteTimeSpan).ConfigureAwait(false);
            if (run.Phase == RunPhase.Restoring)
                await RestartRestoreAsync(domain, run).ConfigureAwait(false);
            else if (run.AutoDestroy)
                await GuestStopper.DestroyAsync(domain, DestroyOptions.None).ConfigureAwait(false);
        }
        catch (Exception failed)
        {
            QemuLog.TaskFailed(services.Logger, domain.Name, "taking over", failed.Message);
        }
    }

    private static async Task SettleHeldAsync(DomainSupervisor domain, GuestRun run)
    {
        switch (run.Phase)
        {
            case RunPhase.Starting:
                GuestPlan plan = await GuestStarter.PlanAsync(domain, run.ParseLive(), run.Folder, restoring: false).ConfigureAwait(false);
                await GuestStarter.PrepareAsync(domain, run, plan).ConfigureAwait(false);
                await GuestStarter.FinishAsync(domain, run, DomainEventDetail.Booted).ConfigureAwait(false);
                await ReconcileAsync(domain, run, DomainStateReason.Booted).ConfigureAwait(false);
                break;
            case RunPhase.Restored:
                GuestSaver.Drop(domain);
                await GuestStarter.FinishAsync(domain, run, DomainEventDetail.Restored).ConfigureAwait(false);
                await ReconcileAsync(domain, run, DomainStateReason.Restored).ConfigureAwait(false);
                break;
            case RunPhase.Saving when domain.Services.SavedStates.Exists(domain.Name):
                // The state was whole on the disk: a guest that ran on would leave it behind.
                await GuestSaver.EndSavedAsync(domain, run).ConfigureAwait(false);
                break;
            case RunPhase.Saving when await GuestSaver.TryCompleteAsync(domain, run).ConfigureAwait(false):
                break;
            case RunPhase.Saving:
                await GuestSaver.RunOnAsync(domain, run, resume: domain.Record is { State: DomainState.Running } or { State: DomainState.Paused, Reason: DomainStateReason.Save })
                    .ConfigureAwait(false);
                await ReconcileAsync(domain, run).ConfigureAwait(false);
                break;
            case RunPhase.Running:
                await ReconcileAsync(domain, run).ConfigureAwait(false);
                await GuestTuner.ApplyAsync(domain, run).ConfigureAwait(false);
                await DeviceReconciler.RunAsync(domain, run).ConfigureAwait(false);
                break;
            case RunPhase.Restoring:
                break;
        }
    }

    // The state is still whole in its file, so the half-made process goes and the start begins anew.
    private static async Task RestartRestoreAsync(DomainSupervisor domain, GuestRun run)
    {
        domain.Update(() => run.StopReason = DomainStateReason.Failed);
        run.Process!.Kill();
        await GuestStopper.WaitForEndAsync(domain, run, SettleLimit).ConfigureAwait(false);
        StartOptions options = run.StartPaused ? StartOptions.Paused : StartOptions.None;
        await domain.RunJobAsync("start", () => GuestStarter.StartDefinedAsync(domain, options), CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Makes the domain's state what QEMU says it is; a guest that went on before we asked it to reports nothing.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="run">Its run.</param>
    /// <param name="running">The reason of a state 'running' that was missed.</param>
    public static async Task ReconcileAsync(DomainSupervisor domain, GuestRun run, DomainStateReason running = DomainStateReason.Unpaused)
    {
        JsonElement answer = await domain.ExecuteAsync(run, "query-status").ConfigureAwait(false);
        string status = answer.FindText("status") ?? string.Empty;
        DomainRecord record = domain.Record;
        switch (status)
        {
            case "running" when record.State != DomainState.Running:
                domain.SetState(run, DomainState.Running, running, DomainEventKind.Resumed, DomainEventDetail.Unpaused);
                break;
            case "paused" or "prelaunch" or "postmigrate" when record.State is not (DomainState.Paused or DomainState.Crashed):
                domain.SetState(run, DomainState.Paused, DomainStateReason.Unknown, DomainEventKind.Suspended, DomainEventDetail.Paused);
                break;
            case "io-error" when record.Reason != DomainStateReason.IOError:
                domain.SetState(run, DomainState.Paused, DomainStateReason.IOError, DomainEventKind.Suspended, DomainEventDetail.IOError);
                break;
            case "watchdog" when record.Reason != DomainStateReason.Watchdog:
                domain.SetState(run, DomainState.Paused, DomainStateReason.Watchdog, DomainEventKind.Suspended, DomainEventDetail.Watchdog);
                break;
            case "suspended" when record.State != DomainState.PMSuspended:
                domain.SetState(run, DomainState.PMSuspended, DomainStateReason.Unknown, DomainEventKind.PMSuspended, DomainEventDetail.Memory);
                break;
            case "guest-panicked" when record.State != DomainState.Crashed:
                domain.SetState(run, DomainState.Crashed, DomainStateReason.Panicked, DomainEventKind.Crashed, DomainEventDetail.Panicked);
                GuestEndings.Crashed(domain, run);
                break;
            case "shutdown":
                if (record.State != DomainState.Shutdown)
                    domain.SetState(run, DomainState.Shutdown, DomainStateReason.Unknown, DomainEventKind.Shutdown, DomainEventDetail.Guest);
                GuestEndings.PoweredOff(domain, run, byReset: false);
                break;
        }
    }
}
