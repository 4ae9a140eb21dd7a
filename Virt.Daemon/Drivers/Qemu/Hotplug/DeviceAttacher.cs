using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>Adds a device to a domain: to its definition, to its running guest, or to both, all or nothing. Runs in the job slot.</summary>
internal static class DeviceAttacher
{
    /// <summary>Adds the device.</summary>
    public static async Task<DeviceChange> AttachAsync(DomainSupervisor domain, XElement device, ChangeScope scope)
    {
        ChangeScope applied = DeviceScope.Resolve(domain, scope);
        LiveState.StripDevice(device);
        if (device.Name.LocalName == "interface")
            _ = MacAddress.ReadOrMake(device);
        XElement shown = device;
        StoredDefinition? after = null;
        if (DeviceScope.Has(applied, ChangeScope.Config))
        {
            var added = new XElement(device);
            after = await DefinitionEdit.ApplyAsync(domain, definition => Insert(definition, added, domain.Name, live: false)).ConfigureAwait(false);
            shown = added;
        }

        await DefinitionEdit.SaveAsync(domain, after, async () =>
        {
            if (DeviceScope.Has(applied, ChangeScope.Live))
                shown = await AttachLiveAsync(domain, domain.RequireRun(), new XElement(device)).ConfigureAwait(false);
        }).ConfigureAwait(false);
        DomainRecord record = domain.Snapshot();
        return new DeviceChange(
            record, DeviceElement.ToXml(shown), applied, DeviceNotes.Attached(applied, record.IsActive, record.Persistent));
    }

    private static long Insert(DomainDefinition definition, XElement device, string name, bool live)
    {
        XElement devices = definition.Section("devices");
        DeviceErrors.CheckFree(name, devices, device, live);
        DeviceOrder.Insert(devices, device);
        return MemoryDevices.Added(definition, device);
    }

    private static async Task<XElement> AttachLiveAsync(DomainSupervisor domain, GuestRun run, XElement element)
    {
        DeviceHotplug.Check(domain.Name, element);
        DomainDefinition definition = run.ParseLive();
        long memory = run.Memory + Insert(definition, element, domain.Name, live: true);
        HashSet<XElement> before = [.. definition.Section("devices").Elements().Where(other => other != element)];
        GuestDefinition guest = await domain.Services.Planner.ReadLiveAsync(definition, CancellationToken.None).ConfigureAwait(false);
        GuestDevice[] added = [.. guest.Devices.Where(device => !before.Contains(device.Element)).OrderBy(device => device.Element == element)];
        HotplugPlaces.Check(domain.Name, element, added);
        guest.CheckStart();
        await domain.Services.Planner.PrepareAsync(added, CancellationToken.None).ConfigureAwait(false);
        GuestFiles.Check(domain.Name, [.. added.Select(device => device.Element)]);
        await PlugAsync(domain, run, guest, added, memory).ConfigureAwait(false);
        XElement live = run.ParseLive().Section("devices").Elements()
            .First(other => other.Name == element.Name && DeviceElement.Alias(other) == added[^1].Alias);
        return live;
    }

    private static async Task PlugAsync(DomainSupervisor domain, GuestRun run, GuestDefinition guest, GuestDevice[] added, long memory)
    {
        string alias = added[^1].Alias;
        LaunchPaths paths = domain.PathsOf(run);
        int lastNode = await BlockNodes.LastAsync(domain, run).ConfigureAwait(false);
        DeviceParts parts = DeviceParts.Of(added, paths, lastNode);
        if (CharacterPaths.Query(added) is { } query)
            parts.Arguments.AddPostStart(query);
        // Should the daemon end meanwhile, the next one finds the device in the status and sees at the monitor how far it came.
        domain.Announce(run, StoredDefinition.FromXml(guest.ToXml(live: true, secure: true)));
        IReadOnlyList<IHostResource> resources = [.. added.SelectMany(device => device.All)];
        try
        {
            if (resources.Count > 0)
                await GuestResources.AcquireAsync(domain, run, resources).ConfigureAwait(false);
            await new DevicePlugger(domain, run, DeviceElement.Describe(added[^1].Element)).PlugAsync(parts, alias).ConfigureAwait(false);
            domain.SetLive(run, StoredDefinition.FromXml(guest.ToXml(live: true, secure: true)), memory);
            domain.WatchLogs(run);
        }
        catch
        {
            await GuestResources.ReleaseAsync(domain, run, resources).ConfigureAwait(false);
            domain.SetLive(run, run.Live, run.Memory);
            throw;
        }
        finally
        {
            // What the host gave follows from the live definition again.
            run.Resources = null;
        }
    }
}
