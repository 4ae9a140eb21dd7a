using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>
/// Takes devices out of a running guest. The guest is asked and may take its time; when it has let go, by being asked or by itself,
/// QEMU tells, and the back ends, the host's resources and the live XML follow.
/// </summary>
internal static class DeviceUnplugger
{
    private const string InProgress = "in the process of unplug";

    /// <summary>QEMU's path of a device.</summary>
    public static string PathOf(string alias) => $"/machine/peripheral/{alias}";

    /// <summary>Asks the guest to let go of a device. Runs in the job slot.</summary>
    /// <returns>Completes when it has (true) or refused (false).</returns>
    public static async Task<Task<bool>> RequestAsync(DomainSupervisor domain, GuestRun run, XElement device, string alias)
    {
        TaskCompletionSource<bool> released = run.Unplugging.GetOrAdd(
            PathOf(alias), _ => new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            await domain.ExecuteAsync(run, GuestPart.Command("device_del", "id", alias)).ConfigureAwait(false);
        }
        catch (QmpException gone) when (gone.ErrorClass == "DeviceNotFound")
        {
            await FinishAsync(domain, run, alias).ConfigureAwait(false);
        }
        catch (QmpException again) when (again.Description.Contains(InProgress, StringComparison.Ordinal))
        {
            // It was asked before and has not answered yet.
        }
        catch (QmpException refused)
        {
            run.Unplugging.TryRemove(PathOf(alias), out _);
            throw VirtException.Create(
                VirtErrorCode.OperationFailed, $"QEMU does not take the {DeviceElement.Describe(device)} out: {refused.Description}", domain.Name,
                "Use the scope Config: it takes effect with the next start.", refused);
        }

        return released.Task;
    }

    /// <summary>Takes note that a device is gone, in the job slot, as soon as it is free.</summary>
    public static async Task FinishLaterAsync(DomainSupervisor domain, GuestRun run, string alias)
    {
        try
        {
            await domain.RunJobAsync("device removed", () => FinishAsync(domain, run, alias), Timeout.InfiniteTimeSpan).ConfigureAwait(false);
        }
        catch (Exception failed)
        {
            QemuLog.TaskFailed(domain.Services.Logger, domain.Name, $"cleaning up the device '{alias}'", failed.Message);
        }
    }

    /// <summary>Cleans up after a device that is gone. Runs in the job slot.</summary>
    public static async Task FinishAsync(DomainSupervisor domain, GuestRun run, string alias)
    {
        try
        {
            if (domain.Run == run)
                await CleanUpAsync(domain, run, alias).ConfigureAwait(false);
        }
        finally
        {
            if (run.Unplugging.TryRemove(PathOf(alias), out TaskCompletionSource<bool>? waiting))
                waiting.TrySetResult(true);
        }
    }

    private static async Task CleanUpAsync(DomainSupervisor domain, GuestRun run, string alias)
    {
        GuestDefinition guest = await domain.Services.Planner.ReadLiveAsync(run.ParseLive(), CancellationToken.None).ConfigureAwait(false);
        if (guest.Devices.FirstOrDefault(device => device.Alias == alias) is not { } gone)
            return;
        DeviceParts parts = DeviceParts.Of([gone], domain.PathsOf(run));
        foreach (CommandLine.QemuPart part in parts.Parts.Reverse().Where(part => part.Option != "-device"))
            await RemoveAsync(domain, run, GuestPart.Of(part).Remove!).ConfigureAwait(false);
        Resources.IHostResource[] resources = [.. gone.All];
        gone.Element.Remove();
        long memory = run.Memory + MemoryDevices.Removed(guest.General, gone.Element);
        domain.SetLive(run, StoredDefinition.FromXml(guest.ToXml(live: true, secure: true)), memory);
        await GuestResources.ReleaseAsync(domain, run, resources).ConfigureAwait(false);
        run.Resources = null;
    }

    private static async Task RemoveAsync(DomainSupervisor domain, GuestRun run, QmpCommand remove)
    {
        try
        {
            await domain.ExecuteAsync(run, remove).ConfigureAwait(false);
        }
        catch (QmpException failed)
        {
            QemuLog.TaskFailed(domain.Services.Logger, domain.Name, "removing what was behind a device", failed.Message);
        }
    }
}
