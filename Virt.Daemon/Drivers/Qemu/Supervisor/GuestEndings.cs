using System.Globalization;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Domains;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>What follows when a guest powers off, resets where that ends it, or crashes, and when its process ends.</summary>
internal static class GuestEndings
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DumpLimit = TimeSpan.FromMinutes(30);

    /// <summary>The guest is down and QEMU holds it (<c>-no-shutdown</c>): does what the definition says.</summary>
    public static void PoweredOff(DomainSupervisor domain, GuestRun run, bool byReset)
    {
        LifecycleAction action = Action(run, byReset ? "on_reboot" : "on_poweroff");
        if (run.Rebooting || action is LifecycleAction.Restart or LifecycleAction.RenameRestart)
            _ = BackgroundAsync(domain, run, "restart", () => RestartAsync(domain, run, DomainStateReason.Booted));
        else if (action != LifecycleAction.Preserve)
            run.Process?.Terminate();
    }

    /// <summary>The guest has panicked: does what <c>on_crash</c> says.</summary>
    public static void Crashed(DomainSupervisor domain, GuestRun run)
    {
        LifecycleAction action = Action(run, "on_crash");
        if (action == LifecycleAction.Preserve)
            return;
        _ = BackgroundAsync(domain, run, "crash", async () =>
        {
            if (action is LifecycleAction.CoredumpDestroy or LifecycleAction.CoredumpRestart)
                await DumpAsync(domain, run).ConfigureAwait(false);
            if (action is LifecycleAction.Restart or LifecycleAction.RenameRestart or LifecycleAction.CoredumpRestart)
                await RestartAsync(domain, run, DomainStateReason.Crashed).ConfigureAwait(false);
            else
                EndCrashed(domain, run);
        });
    }

    /// <summary>The watchdog has paused the guest: with the action <c>dump</c> its memory is written, and it runs on.</summary>
    public static void WatchdogFired(DomainSupervisor domain, GuestRun run)
    {
        XElement? devices = run.ParseLive().Root.Element("devices");
        if (devices?.Elements("watchdog").Any(watchdog => (string?)watchdog.Attribute("action") == "dump") != true)
            return;
        _ = BackgroundAsync(domain, run, "watchdog dump", async () =>
        {
            await DumpAsync(domain, run).ConfigureAwait(false);
            await GuestControl.ContinueAsync(domain, run, DomainStateReason.Unpaused).ConfigureAwait(false);
        });
    }

    /// <summary>Waits for the end of a run's process and then ends the run.</summary>
    public static async Task WatchAsync(DomainSupervisor domain, GuestRun run)
    {
        ProcessExit exit;
        try
        {
            exit = await run.Process!.Exited.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        if (run.Monitor is { } monitor)
        {
            // What QEMU said last is still in the socket and decides why it ended.
            await Task.WhenAny(monitor.Closed, Task.Delay(DrainLimit)).ConfigureAwait(false);
            await monitor.DisposeAsync().ConfigureAwait(false);
        }

        await GuestResources.ReleaseAsync(domain, run).ConfigureAwait(false);
        End(domain, run, exit);
    }

    private static void End(DomainSupervisor domain, GuestRun run, ProcessExit exit)
    {
        domain.Update(() =>
        {
            (DomainStateReason reason, DomainEventDetail? detail) = Explain(run, domain.Record.State);
            Clear(domain.Services, domain.Uuid);
            QemuLog.Stopped(domain.Services.Logger, domain.Name, reason.ToString(), exit.ToString());
            domain.Detach(run, reason, detail);
        });
        run.Process?.Dispose();
    }

    private static (DomainStateReason Reason, DomainEventDetail? Detail) Explain(GuestRun run, DomainState state) => run.StopReason switch
    {
        DomainStateReason.Failed => (DomainStateReason.Failed, null),
        DomainStateReason.Saved => (DomainStateReason.Saved, DomainEventDetail.Saved),
        DomainStateReason.Crashed => (DomainStateReason.Crashed, DomainEventDetail.Crashed),
        DomainStateReason.Destroyed => (DomainStateReason.Destroyed, DomainEventDetail.Destroyed),
        _ => state switch
        {
            DomainState.Shutdown => (DomainStateReason.Shutdown, DomainEventDetail.Shutdown),
            DomainState.Crashed => (DomainStateReason.Crashed, DomainEventDetail.Crashed),
            _ when run.Phase is Store.RunPhase.Starting or Store.RunPhase.Restoring => (DomainStateReason.Failed, null),
            _ => (DomainStateReason.Crashed, DomainEventDetail.Failed),
        },
    };

    private static void EndCrashed(DomainSupervisor domain, GuestRun run)
    {
        domain.Update(() => run.StopReason ??= DomainStateReason.Crashed);
        run.Process?.Terminate();
    }

    private static async Task RestartAsync(DomainSupervisor domain, GuestRun run, DomainStateReason reason)
    {
        domain.SetRebooting(run, false);
        await domain.ExecuteAsync(run, "system_reset").ConfigureAwait(false);
        await GuestControl.ContinueAsync(domain, run, reason).ConfigureAwait(false);
    }

    private static async Task DumpAsync(DomainSupervisor domain, GuestRun run)
    {
        string path = Path.Combine(
            domain.Services.Folders.Dumps, $"{domain.Name}-{DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)}.core");
        QmpClient monitor = await domain.GetMonitorAsync(run, CancellationToken.None).ConfigureAwait(false);
        using var file = HostFile.CreateForWriting(path);
        await monitor.PassDescriptorAsync("dump", file, CancellationToken.None).ConfigureAwait(false);
        var dump = new QmpCommand("dump-guest-memory", arguments =>
        {
            arguments.WriteBoolean("paging", false);
            arguments.WriteString("protocol", "fd:dump");
        });
        await monitor.ExecuteAsync(dump, DumpLimit, CancellationToken.None).ConfigureAwait(false);
    }

    private static async Task BackgroundAsync(DomainSupervisor domain, GuestRun run, string task, Func<Task> work)
    {
        // The receive loop that brought the event must go on, or no reply would ever arrive here.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await domain.RunJobAsync(task, () => domain.Run == run ? work() : Task.CompletedTask, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failed)
        {
            QemuLog.TaskFailed(domain.Services.Logger, domain.Name, task, failed.Message);
        }
    }

    private static LifecycleAction Action(GuestRun run, string element)
    {
        var live = run.ParseLive();
        return element switch
        {
            "on_poweroff" => live.OnPoweroff,
            "on_reboot" => live.OnReboot,
            _ => live.OnCrash,
        };
    }

    /// <summary>Removes the folder of a run that has ended, and then gives its user back.</summary>
    public static void Clear(QemuServices services, Guid domain)
    {
        try
        {
            RunFolder.Delete(services.Folders.RunOf(domain));
        }
        catch (Exception stuck) when (stuck is IOException or UnauthorizedAccessException)
        {
            // Gone already, or in use by someone looking; the next start makes it anew.
        }

        services.UserIds.Return(domain);
    }
}
