using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Resources.Groups;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>Starts guests. Everything here runs in the domain's job slot.</summary>
internal static class GuestStarter
{
    /// <summary>The AppArmor profile of guests, which the package brings.</summary>
    private const string Profile = "virt-guest";

    // Many guests that start together on few processors keep each other waiting.
    private static readonly TimeSpan GreetingLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

    /// <summary>Starts the domain from its managed save, or else from its persistent definition.</summary>
    public static async Task StartDefinedAsync(DomainSupervisor domain, StartOptions options)
    {
        if (domain.Run is not null)
            throw domain.Invalid("is running already");
        StoredDefinition config = domain.Config ?? throw domain.Invalid("has no definition to start from");
        if ((options & StartOptions.ForceBoot) != 0)
            GuestSaver.Drop(domain);
        using GuestSaved? saved = GuestSaver.Open(domain, config);
        await StartAsync(domain, saved?.State.Parse() ?? config.Parse(), options, saved).ConfigureAwait(false);
    }

    /// <summary>Starts the domain from a definition, or from the saved state that is given with it.</summary>
    public static async Task StartAsync(DomainSupervisor domain, DomainDefinition definition, StartOptions options, GuestSaved? saved)
    {
        bool paused = (options & StartOptions.Paused) != 0 || saved is { State.Paused: true };
        try
        {
            GuestFiles.Check(definition, restoring: saved is not null);
            StartupPolicy.Apply(definition.Root, restoring: saved is not null);
            string folder = domain.Services.Folders.RunOf(domain.Uuid);
            RunFolder.Make(folder, domain.Services.UserIds.Take(domain.Uuid));
            GuestPlan plan = await PlanAsync(domain, definition, folder, saved is not null).ConfigureAwait(false);
            if ((options & StartOptions.ResetNvram) != 0)
                DomainNvram.Renew(domain, plan.Resources);
            var run = new GuestRun(domain.Services.Ids.Next(), folder, DateTimeOffset.UtcNow, StoredDefinition.FromXml(plan.LiveXml()))
            {
                Phase = saved is null ? RunPhase.Starting : RunPhase.Restoring,
                StartPaused = paused,
                AutoDestroy = (options & StartOptions.AutoDestroy) != 0,
            };
            await LaunchAsync(domain, run, plan, saved).ConfigureAwait(false);
        }
        catch (Exception failed)
        {
            if (domain.Run is null)
            {
                GuestEndings.Clear(domain.Services, domain.Uuid);
                domain.SetRecord(record => record with { Reason = DomainStateReason.Failed });
            }

            if (failed is IOException or UnauthorizedAccessException)
            {
                throw new VirtException(
                    VirtErrorCode.SystemError, $"domain '{domain.Name}' cannot be started: {failed.Message}", domain.Name,
                    "Look at the space and the rights in virtd's folders.", failed);
            }

            throw;
        }
    }

    /// <summary>Does what is left of a start once QEMU is ready: the guest runs, or is ready and paused.</summary>
    public static async Task FinishAsync(DomainSupervisor domain, GuestRun run, DomainEventDetail started)
    {
        if (run.StartPaused)
        {
            DomainStateReason reason = started == DomainEventDetail.Restored ? DomainStateReason.Migration : DomainStateReason.User;
            domain.Update(() =>
            {
                run.Phase = RunPhase.Running;
                domain.SetState(run, DomainState.Paused, reason, DomainEventKind.Started, started);
                domain.Report(DomainEventKind.Suspended, DomainEventDetail.Paused);
            });
            return;
        }

        // A guest that boots is reported as resumed and then as started, one that is restored the other way round, as libvirt does.
        bool restored = started == DomainEventDetail.Restored;
        if (restored)
            domain.Report(DomainEventKind.Started, started);
        await GuestControl.ContinueAsync(domain, run, restored ? DomainStateReason.Restored : DomainStateReason.Booted).ConfigureAwait(false);
        domain.Update(() =>
        {
            domain.SetPhase(run, RunPhase.Running);
            if (!restored)
                domain.Report(DomainEventKind.Started, started);
        });
    }

    /// <summary>Plans a start of the domain.</summary>
    public static ValueTask<GuestPlan> PlanAsync(DomainSupervisor domain, DomainDefinition definition, string folder, bool restoring) =>
        domain.Services.Planner.PlanAsync(
            definition, new GuestPlaces(folder, GuestRun.PidFileIn(folder), domain.Services.Folders.LogOf(domain.Name), restoring),
            CancellationToken.None);

    /// <summary>Tells a run's monitor what comes before the guest runs, and takes the live definition that results.</summary>
    public static async Task PrepareAsync(DomainSupervisor domain, GuestRun run, GuestPlan plan)
    {
        foreach (GuestPlanStep step in plan.AfterStart)
        {
            JsonElement result = await domain.ExecuteAsync(run, step.Command).ConfigureAwait(false);
            step.Reply?.Invoke(result);
        }

        StoredDefinition live = plan.AfterStart.Any(step => step.Reply is not null) ? StoredDefinition.FromXml(plan.LiveXml()) : run.Live;
        if (live != run.Live)
            domain.SetLive(run, live, run.Memory);
        if (live.Parse().OnReboot != LifecycleAction.Restart)
            await domain.ExecuteAsync(run, RebootAction(LifecycleAction.Destroy)).ConfigureAwait(false);
        await GuestTuner.ApplyAsync(domain, run).ConfigureAwait(false);
    }

    /// <summary>Tells QEMU whether a guest's reset resets the machine or ends it.</summary>
    public static QmpCommand RebootAction(LifecycleAction action) => new(
        "set-action", arguments => arguments.WriteString("reboot", action == LifecycleAction.Restart ? "reset" : "shutdown"));

    private static async Task LaunchAsync(DomainSupervisor domain, GuestRun run, GuestPlan plan, GuestSaved? saved)
    {
        using DomainLog log = DomainLog.Open(domain.Services.Folders.LogOf(domain.Name));
        log.WriteHeader(plan, domain.Name, domain.Services.Logger);
        domain.Attach(run, DomainState.Paused, DomainStateReason.StartingUp);
        try
        {
            await GuestResources.AcquireAsync(domain, run, plan.Resources).ConfigureAwait(false);
            await SpawnAsync(domain, run, plan, log).ConfigureAwait(false);
            domain.WatchLogs(run);
            await PrepareAsync(domain, run, plan).ConfigureAwait(false);
            if (saved is not null)
                await GuestSaver.RestoreAsync(domain, run, saved).ConfigureAwait(false);
            await FinishAsync(domain, run, saved is null ? DomainEventDetail.Booted : DomainEventDetail.Restored).ConfigureAwait(false);
            QemuLog.Started(domain.Services.Logger, domain.Name, run.Id, run.Process!.Pid);
        }
        catch (Exception failure)
        {
            throw await FailAsync(domain, run, log, failure, saved is not null).ConfigureAwait(false);
        }
    }

    private static async Task SpawnAsync(DomainSupervisor domain, GuestRun run, GuestPlan plan, DomainLog log)
    {
        Socket socket;
        // The socket listens before QEMU exists: connecting succeeds at once, and QEMU's greeting is the sign that it is ready.
        // Once our copy is closed, a QEMU that ends early ends the connection too.
        using (SafeFileHandle listener = HostSocket.Listen(run.MonitorPath))
        {
            socket = await HostSocket.ConnectAsync(run.MonitorPath, CancellationToken.None).ConfigureAwait(false);
            QemuProcess process = Launch(domain, plan, domain.Services.Users.OfRun(run.Folder), log, listener);
            domain.Update(() => run.Process = process);
        }

        domain.SetPhase(run, run.Phase);
        _ = GuestEndings.WatchAsync(domain, run);
        await GuestScope.EnterAsync(domain, run).ConfigureAwait(false);
        run.Monitor = await domain.OpenMonitorAsync(run, socket, GreetingLimit, CancellationToken.None).ConfigureAwait(false);
    }

    private static QemuProcess Launch(DomainSupervisor domain, GuestPlan plan, QemuUser? user, DomainLog log, SafeHandle monitor)
    {
        List<SafeHandle> descriptors = [monitor];
        try
        {
            foreach (Func<SafeHandle> open in plan.Descriptors)
                descriptors.Add(open());
            return domain.Services.Launcher.LaunchAs(user, Profile, plan.Executable, plan.Arguments, plan.Environment, log.Handle, descriptors);
        }
        finally
        {
            foreach (SafeHandle descriptor in descriptors.Skip(1))
                descriptor.Dispose();
        }
    }

    private static async Task<Exception> FailAsync(DomainSupervisor domain, GuestRun run, DomainLog log, Exception failure, bool restoring)
    {
        if (run.Process is not { } process)
        {
            await GuestResources.ReleaseAsync(domain, run).ConfigureAwait(false);
            domain.Detach(run, DomainStateReason.Failed, null);
            return failure;
        }

        // When virtd stops it lets go of the monitor; the guest stays, and the next daemon finishes its start.
        if (domain.Services.Stopping.IsCancellationRequested && !process.Exited.IsCompleted)
            return failure;
        bool diedAlone = process.Exited.IsCompleted || failure is VirtException { Code: VirtErrorCode.OperationFailed } and not QmpException;
        bool turnedOff = false;
        domain.Update(() =>
        {
            turnedOff = run.StopReason == DomainStateReason.Destroyed;
            run.StopReason ??= DomainStateReason.Failed;
        });
        process.Kill();
        await run.Ended.WaitAsync(EndLimit).ConfigureAwait(false);
        if (turnedOff)
            return VirtException.Create(VirtErrorCode.OperationAborted, $"domain '{domain.Name}' was turned off while it started", domain.Name);
        if (!diedAlone)
            return failure;
        string words = log.ReadLastWords();
        string restored = restoring
            ? $" If the saved state {domain.Services.SavedStates.PathOf(domain.Name)} is damaged, Start-VirtDomain -ForceBoot drops it and boots afresh."
            : string.Empty;
        return VirtException.Create(
            VirtErrorCode.InternalError, $"QEMU ended while domain '{domain.Name}' started: {(words.Length > 0 ? words : failure.Message)}",
            domain.Name, $"Its log is {domain.Services.Folders.LogOf(domain.Name)}.{restored}", failure);
    }
}
