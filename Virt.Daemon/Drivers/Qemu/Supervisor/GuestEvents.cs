using System.Text.Json;
using Virt.Daemon.Drivers.Qemu.Hotplug;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Domains;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>What QEMU's events mean for a domain's state (QEMU's qapi/run-state.json). Runs on the monitor's receive loop.</summary>
internal static class GuestEvents
{
    private const int EjectionRequest = 3;
    private const int EjectionInProgress = 0x84;

    /// <summary>Handles one event of a run.</summary>
    public static void Handle(DomainSupervisor domain, GuestRun run, QmpEvent happened)
    {
        switch (happened.Name)
        {
            case "STOP": domain.Update(() => Stopped(domain, run)); break;
            case "RESUME": domain.Update(() => Resumed(domain, run)); break;
            case "RESET": domain.Update(() => Reset(domain, run)); break;
            case "SHUTDOWN": ShutDown(domain, run, happened); break;
            case "SUSPEND": domain.SetState(run, DomainState.PMSuspended, DomainStateReason.Unknown, DomainEventKind.PMSuspended, DomainEventDetail.Memory); break;
            case "SUSPEND_DISK": domain.Report(DomainEventKind.PMSuspended, DomainEventDetail.Disk); break;
            case "WAKEUP": domain.Update(() => WokenUp(domain, run)); break;
            case "GUEST_PANICKED": Panicked(domain, run); break;
            case "BLOCK_IO_ERROR" when happened.Text("action") == "stop":
                domain.Update(() => PausedBy(domain, run, DomainStateReason.IOError, DomainEventDetail.IOError));
                break;
            case "WATCHDOG" when happened.Text("action") == "pause":
                domain.Update(() => PausedBy(domain, run, DomainStateReason.Watchdog, DomainEventDetail.Watchdog));
                GuestEndings.WatchdogFired(domain, run);
                break;
            case "MIGRATION" when happened.Text("status") is "completed" or "failed" or "cancelled":
                run.Transfer?.TrySetResult(happened.Text("status")!);
                break;
            case "ACPI_DEVICE_OST": Answered(run, happened); break;
            case "DEVICE_DELETED": Deleted(domain, run, happened); break;
            case "DEVICE_TRAY_MOVED": TrayMoved(domain, run, happened); break;
            case "MEMORY_DEVICE_SIZE_CHANGE": LiveNotes.MemoryTaken(domain, run, happened); break;
            case "DEVICE_UNPLUG_GUEST_ERROR" or "MEM_UNPLUG_ERROR":
                Unplugged(run, happened.Text("path") ?? DeviceUnplugger.PathOf(happened.Text("device") ?? string.Empty), false);
                break;
        }
    }

    private static void Stopped(DomainSupervisor domain, GuestRun run)
    {
        DomainStateReason reason = run.NextPausedReason ?? DomainStateReason.Unknown;
        run.NextPausedReason = null;
        if (domain.Record.State is DomainState.Running or DomainState.PMSuspended)
            domain.SetState(run, DomainState.Paused, reason, DomainEventKind.Suspended, DomainEventDetail.Paused);
    }

    private static void Resumed(DomainSupervisor domain, GuestRun run)
    {
        DomainStateReason reason = run.NextRunningReason ?? DomainStateReason.Unpaused;
        run.NextRunningReason = null;
        if (domain.Record.State == DomainState.Running)
            return;
        DomainEventDetail detail = reason is DomainStateReason.Restored or DomainStateReason.FromSnapshot
            ? DomainEventDetail.FromSnapshot
            : DomainEventDetail.Unpaused;
        domain.SetState(run, DomainState.Running, reason, DomainEventKind.Resumed, detail);
    }

    private static void Reset(DomainSupervisor domain, GuestRun run)
    {
        if (domain.Record.State == DomainState.Crashed)
            domain.SetState(run, DomainState.Paused, DomainStateReason.Crashed);
    }

    private static void WokenUp(DomainSupervisor domain, GuestRun run)
    {
        if (domain.Record.State == DomainState.PMSuspended)
            domain.SetState(run, DomainState.Running, DomainStateReason.Wakeup, DomainEventKind.Started, DomainEventDetail.Wakeup);
    }

    private static void PausedBy(DomainSupervisor domain, GuestRun run, DomainStateReason reason, DomainEventDetail detail)
    {
        if (domain.Record.State == DomainState.Running)
            domain.SetState(run, DomainState.Paused, reason, DomainEventKind.Suspended, detail);
    }

    private static void ShutDown(DomainSupervisor domain, GuestRun run, QmpEvent happened)
    {
        // After a save, a crash or a failed start the process is of no more use; its end is no shutdown of the guest.
        if (domain.Record.State == DomainState.Shutdown
            || run.StopReason is DomainStateReason.Saved or DomainStateReason.Failed or DomainStateReason.Crashed)
            return;
        DomainEventDetail detail = happened.Flag("guest") switch
        {
            true => DomainEventDetail.Guest,
            false => DomainEventDetail.Host,
            null => DomainEventDetail.Finished,
        };
        domain.SetState(run, DomainState.Shutdown, DomainStateReason.Unknown, DomainEventKind.Shutdown, detail);
        if (run.StopReason is null && happened.Text("reason") is not ("host-signal" or "host-qmp-quit"))
            GuestEndings.PoweredOff(domain, run, byReset: happened.Text("reason") is "guest-reset" or "host-qmp-system-reset");
    }

    private static void Panicked(DomainSupervisor domain, GuestRun run)
    {
        if (domain.Record.State == DomainState.Crashed)
            return;
        domain.SetState(run, DomainState.Crashed, DomainStateReason.Panicked, DomainEventKind.Crashed, DomainEventDetail.Panicked);
        GuestEndings.Crashed(domain, run);
    }

    private static void TrayMoved(DomainSupervisor domain, GuestRun run, QmpEvent happened)
    {
        if (happened.Flag("tray-open") == true && happened.Text("id") is { } id && run.Trays.TryGetValue(id, out TaskCompletionSource? opened))
            opened.TrySetResult();
        LiveNotes.TrayMoved(domain, run, happened);
    }

    // A device with an alias has more behind it than QEMU's device; what is waited for is complete when that is gone too.
    private static void Deleted(DomainSupervisor domain, GuestRun run, QmpEvent happened)
    {
        if (happened.Text("device") is { } alias && run.HasAlias(alias))
        {
            _ = DeviceUnplugger.FinishLaterAsync(domain, run, alias);
            return;
        }

        if (happened.Text("path") is not { } path)
            return;
        string? processor = GuestVCpus.ProcessorOf(path);
        if (!Unplugged(run, processor ?? path, true) && processor is not null)
            _ = GuestVCpus.RefreshLaterAsync(domain, run);
    }

    // The guest's word on an ejection that it was asked for (ACPI's _OST): 0 is done, 0x84 is under way, the rest are refusals.
    private static void Answered(GuestRun run, QmpEvent happened)
    {
        if (happened.Data.ValueKind != JsonValueKind.Object || !happened.Data.TryGetProperty("info", out JsonElement info))
            return;
        var answer = new QmpEvent(happened.Name, info);
        if (answer.Number("source") is EjectionRequest && answer.Number("status") is not (0 or EjectionInProgress) && answer.Text("device") is { } device)
            Unplugged(run, DeviceUnplugger.PathOf(device), false);
    }

    private static bool Unplugged(GuestRun run, string? path, bool done) =>
        path is not null && run.Unplugging.TryRemove(path, out TaskCompletionSource<bool>? waiting) && waiting.TrySetResult(done);
}
