using System.Text.Json;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>Finds out which devices a guest let go of while nobody listened to its monitor, and cleans up after them.</summary>
internal static class DeviceReconciler
{
    private const string Query = "qom-list";

    /// <summary>Compares the live definition with the monitor. Runs in the job slot.</summary>
    public static async Task RunAsync(DomainSupervisor domain, GuestRun run)
    {
        GuestDefinition guest = await domain.Services.Planner.ReadLiveAsync(run.ParseLive(), CancellationToken.None).ConfigureAwait(false);
        if (guest.General.MaximumVCpu > 1)
            await GuestVCpus.RefreshAsync(domain, run).ConfigureAwait(false);
        GuestDevice[] candidates = [.. guest.Devices.Where(device => device.ShowsAlias && DeviceHotplug.IsPluggable(device.Element))];
        if (candidates.Length == 0)
            return;
        JsonElement listed = await domain.ExecuteAsync(
            run, new QmpCommand(Query, arguments => arguments.WriteString("path", "/machine/peripheral"))).ConfigureAwait(false);
        HashSet<string?> there = [.. listed.Items(Query).Select(item => item.FindText("name"))];
        foreach (GuestDevice device in candidates.Where(device => !there.Contains(device.Alias)))
        {
            if (DeviceParts.Of([device], domain.PathsOf(run)).HasDevice(device.Alias))
                await DeviceUnplugger.FinishAsync(domain, run, device.Alias).ConfigureAwait(false);
        }
    }

    /// <summary>The same after the monitor was lost and found again, as soon as the job slot is free.</summary>
    public static async Task RunLaterAsync(DomainSupervisor domain, GuestRun run)
    {
        try
        {
            await domain.RunJobAsync("look at what was missed", async () =>
            {
                await GuestAdopter.ReconcileAsync(domain, run).ConfigureAwait(false);
                await RunAsync(domain, run).ConfigureAwait(false);
            }, Timeout.InfiniteTimeSpan).ConfigureAwait(false);
        }
        catch (Exception failed)
        {
            QemuLog.TaskFailed(domain.Services.Logger, domain.Name, "looking at what was missed", failed.Message);
        }
    }
}
