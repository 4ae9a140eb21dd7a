using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Domains;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>A saved state, opened: the descriptor stands at QEMU's stream.</summary>
internal sealed record GuestSaved(SavedState State, SafeFileHandle Image) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Image.Dispose();
}

/// <summary>
/// Managed save and restore: QEMU itself writes its migration stream to a file of its own whose descriptor it is handed, so that
/// nothing runs through virtd. What virtd goes by at the next start is in a file that QEMU never gets. Everything here runs in the
/// domain's job slot.
/// </summary>
internal static class GuestSaver
{
    private const string DescriptorName = "virt-state";

    private static readonly TimeSpan TransferLimit = TimeSpan.FromHours(1);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TerminateLimit = TimeSpan.FromSeconds(10);

    private static readonly QmpCommand ReportProgress = new("migrate-set-capabilities", arguments =>
    {
        arguments.WriteStartArray("capabilities");
        arguments.WriteStartObject();
        arguments.WriteString("capability", "events");
        arguments.WriteBoolean("state", true);
        arguments.WriteEndObject();
        arguments.WriteEndArray();
    });

    private static readonly QmpCommand NoSpeedLimit = new(
        "migrate-set-parameters", arguments => arguments.WriteNumber("max-bandwidth", long.MaxValue / 8));

    /// <summary>Opens the managed save of a domain; null when it has none.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="stored">Its stored definition.</param>
    public static GuestSaved? Open(DomainSupervisor domain, StoredDefinition stored)
    {
        SavedStateStore store = domain.Services.SavedStates;
        if (!store.Exists(domain.Name))
            return null;
        (SavedState state, SafeFileHandle image) = store.Open(domain.Name, stored);
        return new GuestSaved(state, image);
    }

    /// <summary>Saves the guest and turns it off. When that fails it runs on.</summary>
    public static async Task SaveAsync(DomainSupervisor domain)
    {
        GuestRun run = domain.RequireRun();
        if (domain.Config is null)
            throw domain.Invalid("is transient: a managed save would have nothing to start it from", "Define it first.");
        if (run.ParseLive().Root.Element("devices")?.Elements("disk").Any(disk => disk.Element("transient") is not null) == true)
            throw domain.Invalid("has transient disks: what they hold ends with the run, and the saved state could not go on", "Shut it down, or remove those disks.");
        if (domain.Record.State == DomainState.PMSuspended)
            await domain.ExecuteAsync(run, "system_wakeup").ConfigureAwait(false);
        bool wasRunning = domain.Record.State == DomainState.Running;
        if (!wasRunning && await IsSpentAsync(domain, run).ConfigureAwait(false))
            throw domain.Invalid("has been paused since a save that failed and cannot be saved like this", "Resume it first, then save it.");
        try
        {
            domain.SetPhase(run, RunPhase.Saving);
            if (wasRunning)
                await GuestControl.PauseAsync(domain, run, DomainStateReason.Save).ConfigureAwait(false);
            await WriteAsync(domain, run, paused: !wasRunning).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            await RunOnAsync(domain, run, wasRunning).ConfigureAwait(false);
            throw failure is VirtException ? failure : new VirtException(
                VirtErrorCode.OperationFailed, $"domain '{domain.Name}' could not be saved: {failure.Message}", domain.Name, innerException: failure);
        }

        await EndSavedAsync(domain, run).ConfigureAwait(false);
    }

    /// <summary>Ends a guest whose state is saved.</summary>
    public static async Task EndSavedAsync(DomainSupervisor domain, GuestRun run)
    {
        domain.Update(() => run.StopReason = DomainStateReason.Saved);
        run.Process!.Terminate();
        try
        {
            await GuestStopper.WaitForEndAsync(domain, run, TerminateLimit).ConfigureAwait(false);
        }
        catch (VirtException)
        {
            // All it had is saved and its disks are flushed.
            run.Process.Kill();
            await GuestStopper.WaitForEndAsync(domain, run, EndLimit).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Ends a save that was cut short when QEMU had written all; a guest that was paused would have no way back from there.
    /// </summary>
    public static async Task<bool> TryCompleteAsync(DomainSupervisor domain, GuestRun run)
    {
        // That a migration is completed may be said of the one that restored the guest; this state follows from writing alone.
        if (!await IsSpentAsync(domain, run).ConfigureAwait(false))
            return false;
        try
        {
            domain.Services.SavedStates.OpenPartial(domain.Name).DemandOf(domain.Uuid, domain.Name);
            using ImageHash hash = domain.Services.SavedStates.Hash(domain.Name);
            domain.Services.SavedStates.Complete(domain.Name, hash);
            domain.SetRecord(record => record with { HasSavedState = true });
        }
        catch (VirtException failed)
        {
            QemuLog.TaskFailed(domain.Services.Logger, domain.Name, "completing its save", failed.Message);
            return false;
        }

        await EndSavedAsync(domain, run).ConfigureAwait(false);
        return true;
    }

    /// <summary>Removes what there is of a save that was not completed.</summary>
    public static void Abandon(DomainSupervisor domain)
    {
        try
        {
            domain.Services.SavedStates.Abandon(domain.Name);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            QemuLog.TaskFailed(domain.Services.Logger, domain.Name, "removing a failed save", failed.Message);
        }
    }

    /// <summary>Lets a QEMU that waits for its state read it; afterwards the saved state must not be used again and is gone.</summary>
    public static async Task RestoreAsync(DomainSupervisor domain, GuestRun run, GuestSaved saved)
    {
        await domain.ExecuteAsync(run, ReportProgress).ConfigureAwait(false);
        await TransferAsync(domain, run, saved.Image, "migrate-incoming", "restored").ConfigureAwait(false);
        domain.SetPhase(run, RunPhase.Restored);
        Drop(domain);
    }

    /// <summary>Removes the managed save that must be there.</summary>
    public static Task RemoveAsync(DomainSupervisor domain)
    {
        if (!domain.Services.SavedStates.Exists(domain.Name))
            throw new VirtException(VirtErrorCode.SystemError, $"domain '{domain.Name}' has no saved state", domain.Name);
        Drop(domain);
        return Task.CompletedTask;
    }

    /// <summary>Removes the managed save, if any.</summary>
    public static void Drop(DomainSupervisor domain)
    {
        domain.Services.SavedStates.Delete(domain.Name);
        domain.SetRecord(record => record with { HasSavedState = false });
    }

    /// <summary>Ends a save that failed or was cut short: what there is of the file goes, and the guest runs on.</summary>
    public static async Task RunOnAsync(DomainSupervisor domain, GuestRun run, bool resume)
    {
        Abandon(domain);
        try
        {
            // One that is whole all the same, its name not made durable, would be taken for the guest's state when it has run on.
            Drop(domain);
        }
        catch (VirtException stuck)
        {
            QemuLog.TaskFailed(domain.Services.Logger, domain.Name, "removing a failed save; the guest stays paused", stuck.Message);
            resume = false;
        }

        if (domain.Run != run || run.Process is null or { Exited.IsCompleted: true })
            return;
        try
        {
            await domain.ExecuteAsync(run, "migrate_cancel").ConfigureAwait(false);
            // That it was paused may not have been heard of yet.
            if (resume && domain.Record.State is DomainState.Paused or DomainState.Running)
                await GuestControl.ContinueAsync(domain, run, DomainStateReason.SaveCanceled).ConfigureAwait(false);
        }
        catch (VirtException failed)
        {
            QemuLog.TaskFailed(domain.Services.Logger, domain.Name, "running on after a failed save", failed.Message);
        }

        domain.SetPhase(run, RunPhase.Running);
    }

    private static async Task WriteAsync(DomainSupervisor domain, GuestRun run, bool paused)
    {
        SavedStateStore store = domain.Services.SavedStates;
        using SafeFileHandle image = store.Create(domain.Name, new SavedState(SavedState.CurrentFormat, paused, run.Live.Xml));
        await domain.ExecuteAsync(run, ReportProgress).ConfigureAwait(false);
        await domain.ExecuteAsync(run, NoSpeedLimit).ConfigureAwait(false);
        using ImageHash hash = store.Hash(domain.Name);
        Task transfer = TransferAsync(domain, run, image, "migrate", "saved");
        Task hashing = hash.FollowAsync(transfer);
        await Task.WhenAll(transfer, hashing).ConfigureAwait(false);
        store.Complete(domain.Name, hash);
        domain.SetRecord(record => record with { HasSavedState = true });
    }

    private static async Task TransferAsync(DomainSupervisor domain, GuestRun run, SafeFileHandle file, string command, string done)
    {
        QmpClient monitor = await domain.GetMonitorAsync(run, CancellationToken.None).ConfigureAwait(false);
        var transfer = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        run.Transfer = transfer;
        try
        {
            await monitor.PassDescriptorAsync(DescriptorName, file, CancellationToken.None).ConfigureAwait(false);
            await monitor.ExecuteAsync(
                new QmpCommand(command, arguments => arguments.WriteString("uri", "fd:" + DescriptorName)), CancellationToken.None).ConfigureAwait(false);
            string status = await transfer.Task.WaitAsync(TransferLimit).ConfigureAwait(false);
            if (status == "completed")
                return;
            string reason = status == "lost" ? "QEMU ended" : await ExplainAsync(monitor).ConfigureAwait(false) ?? status;
            throw VirtException.Create(VirtErrorCode.OperationFailed, $"domain '{domain.Name}' could not be {done}: {reason}", domain.Name);
        }
        catch (TimeoutException)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationTimeout, $"domain '{domain.Name}' was not {done} within {TransferLimit.TotalMinutes} min", domain.Name);
        }
        finally
        {
            run.Transfer = null;
        }
    }

    // QEMU migrates no machine twice that has not run in between.
    private static async Task<bool> IsSpentAsync(DomainSupervisor domain, GuestRun run) =>
        (await domain.ExecuteAsync(run, "query-status").ConfigureAwait(false)).GetProperty("status").GetString() == "postmigrate";

    private static async Task<string?> ExplainAsync(QmpClient monitor)
    {
        try
        {
            JsonElement answer = await monitor.ExecuteAsync("query-migrate", CancellationToken.None).ConfigureAwait(false);
            return answer.FindText("error-desc");
        }
        catch (VirtException)
        {
            return null;
        }
    }
}
