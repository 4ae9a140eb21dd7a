using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>
/// Takes a device out of a domain: out of its definition, its running guest, or both. While the guest takes its time the job slot is
/// free for others.
/// </summary>
internal static class DeviceDetacher
{
    /// <summary>Takes the device out; from a running guest once it has let go of it.</summary>
    public static async Task<DeviceChange> DetachAsync(
        DomainSupervisor domain, XElement told, ChangeScope scope, TimeSpan timeout, CancellationToken cancel)
    {
        XElement? device = null;
        ChangeScope applied = default;
        GuestRun? run = null;
        Task<bool>? released = null;
        await domain.RunJobAsync("detach device", async () =>
        {
            applied = DeviceScope.Resolve(domain, scope);
            run = domain.Run;
            if (DeviceScope.Has(applied, ChangeScope.Live))
                device = await FindLiveAsync(domain, run!, told).ConfigureAwait(false);
            if (DeviceScope.Has(applied, ChangeScope.Config))
            {
                XElement config = DeviceCounterpart.Find(domain.Config!.Parse(), device, told) ?? throw DeviceErrors.Missing(domain.Name, told, live: false);
                device ??= config;
            }

            if (DeviceScope.Has(applied, ChangeScope.Live))
                released = await DeviceUnplugger.RequestAsync(domain, run!, device!, DeviceElement.Alias(device!)!).ConfigureAwait(false);
            else
                await RemoveFromConfigAsync(domain, device, told).ConfigureAwait(false);
        }, cancel).ConfigureAwait(false);
        if (released is not null)
        {
            await WaitAsync(domain, run!, released, device!, timeout, cancel).ConfigureAwait(false);
            if (DeviceScope.Has(applied, ChangeScope.Config))
                await domain.RunJobAsync("detach device", () => RemoveFromConfigAsync(domain, device, told), cancel).ConfigureAwait(false);
        }

        DomainRecord record = domain.Snapshot();
        bool inConfig = applied == ChangeScope.Live && domain.Config is { } kept && DeviceCounterpart.Find(kept.Parse(), device, told) is not null;
        return new DeviceChange(record, DeviceElement.ToXml(device!), applied, DeviceNotes.Detached(applied, record.IsActive, inConfig));
    }

    private static async Task<XElement> FindLiveAsync(DomainSupervisor domain, GuestRun run, XElement told)
    {
        DomainDefinition live = run.ParseLive();
        XElement devices = live.Section("devices");
        XElement device = DeviceMatcher.Find(devices, told, live: true) ?? throw DeviceErrors.Missing(domain.Name, told, live: true);
        DeviceHotplug.Check(domain.Name, device);
        DeviceErrors.CheckUnused(domain.Name, devices, device);
        var shown = new XElement(device);
        GuestDefinition guest = await domain.Services.Planner.ReadLiveAsync(live, CancellationToken.None).ConfigureAwait(false);
        GuestDevice found = guest.Devices.First(other => other.Element == device);
        if (!DeviceParts.Of([found], domain.PathsOf(run)).HasDevice(found.Alias))
            throw DeviceErrors.NotLive(domain.Name, $"the {DeviceElement.Describe(device)} is a part of the machine", "Use the scope Config.");
        return shown;
    }

    private static async Task RemoveFromConfigAsync(DomainSupervisor domain, XElement? device, XElement told)
    {
        if (domain.Config is null)
            return;
        StoredDefinition after = await DefinitionEdit.ApplyAsync(
            domain,
            definition =>
            {
                if (DeviceCounterpart.Find(definition, device, told) is not { } found)
                    return;
                found.Remove();
                MemoryDevices.Removed(definition, found);
            }).ConfigureAwait(false);
        await DefinitionEdit.SaveAsync(domain, after, () => Task.CompletedTask).ConfigureAwait(false);
    }

    private static async Task WaitAsync(
        DomainSupervisor domain, GuestRun run, Task<bool> released, XElement device, TimeSpan timeout, CancellationToken cancel)
    {
        try
        {
            if (await Task.WhenAny(released, run.Ended).WaitAsync(timeout, cancel).ConfigureAwait(false) == run.Ended)
                throw domain.Invalid("has ended meanwhile");
            if (await released.ConfigureAwait(false))
                return;
        }
        catch (TimeoutException)
        {
            throw DeviceErrors.Kept(domain.Name, device, timeout);
        }

        throw VirtException.Create(
            VirtErrorCode.OperationFailed, $"the guest of domain '{domain.Name}' refused to let go of the {DeviceElement.Describe(device)}",
            domain.Name, "Stop its use inside the guest, then try again.");
    }
}
