using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>Changes a device of a domain: in its definition, in its running guest, or in both, all or nothing. Runs in the job slot.</summary>
internal static class DeviceUpdater
{
    /// <summary>Changes the device that the element tells to what it says.</summary>
    public static async Task<DeviceChange> UpdateAsync(DomainSupervisor domain, XElement wanted, ChangeScope scope)
    {
        ChangeScope applied = DeviceScope.Resolve(domain, scope);
        XElement? before = domain.Run is { } run ? DeviceMatcher.Find(run.ParseLive().Section("devices"), wanted, live: true) : null;
        before = before is null ? null : new XElement(before);
        bool inConfig = domain.Config is { } config && DeviceCounterpart.Find(config.Parse(), before, wanted) is not null;
        XElement shown = wanted;
        StoredDefinition? after = null;
        if (DeviceScope.Has(applied, ChangeScope.Config))
        {
            if (!inConfig)
                throw DeviceErrors.NothingToUpdate(domain.Name, wanted, live: false);
            XElement replaced = Config(wanted);
            after = await DefinitionEdit.ApplyAsync(
                domain, definition => Replace(DeviceCounterpart.Find(definition, before, wanted)!, replaced)).ConfigureAwait(false);
            shown = replaced;
        }

        await DefinitionEdit.SaveAsync(domain, after, async () =>
        {
            if (DeviceScope.Has(applied, ChangeScope.Live))
                shown = await UpdateLiveAsync(domain, domain.RequireRun(), wanted).ConfigureAwait(false);
        }).ConfigureAwait(false);
        DomainRecord record = domain.Snapshot();
        return new DeviceChange(
            record, DeviceElement.ToXml(shown), applied, DeviceNotes.Updated(applied, record.IsActive, inConfig, before, wanted));
    }

    private static XElement Config(XElement wanted)
    {
        var element = new XElement(wanted);
        LiveState.StripDevice(element);
        return element;
    }

    private static void Replace(XElement device, XElement with)
    {
        if (with.Element("address") is null && device.Element("address") is { } address)
            with.Add(address);
        if (with.Element("alias") is null && DeviceElement.UserAlias(device) is not null)
            with.Add(device.Element("alias"));
        // An export has no passwords: leaving one out keeps it.
        if (device.Name.LocalName == "graphics" && with.Attribute("passwd") is null && device.Attribute("passwd") is { } password)
            with.SetAttributeValue("passwd", password.Value);
        device.ReplaceWith(with);
    }

    private static async Task<XElement> UpdateLiveAsync(DomainSupervisor domain, GuestRun run, XElement wanted)
    {
        DomainDefinition definition = run.ParseLive();
        XElement device = DeviceMatcher.Find(definition.Section("devices"), wanted, live: true)
            ?? throw DeviceErrors.NothingToUpdate(domain.Name, wanted, live: true);
        DeviceErrors.CheckChangeable(domain.Name, device, wanted);
        IReadOnlySet<string> changes = DeviceDifference.Changeable(device, wanted);
        XElement merged = DeviceDifference.Merge(device, wanted);
        GuestDevice old = (await domain.Services.Planner.ReadLiveAsync(run.ParseLive(), CancellationToken.None).ConfigureAwait(false))
            .Devices.First(other => other.Element.Name == device.Name && other.Alias == AliasOf(device, other));
        device.ReplaceWith(merged);
        GuestDefinition guest = await domain.Services.Planner.ReadLiveAsync(definition, CancellationToken.None).ConfigureAwait(false);
        GuestDevice changed = guest.Devices.First(other => other.Element == merged);
        guest.CheckStart();
        await domain.Services.Planner.PrepareAsync([changed], CancellationToken.None).ConfigureAwait(false);
        var change = new LiveChange(domain, run, old, changed, changes);
        try
        {
            await ApplyAsync(change).ConfigureAwait(false);
        }
        catch (QmpException refused)
        {
            throw VirtException.Create(
                VirtErrorCode.InternalError, $"QEMU does not change the {DeviceElement.Describe(merged)}: {refused.Description}", domain.Name,
                "Use the scope Config: it takes effect with the next start.", refused);
        }

        domain.SetLive(run, StoredDefinition.FromXml(guest.ToXml(live: true, secure: true)), run.Memory);
        return DeviceMatcher.Find(run.ParseLive().Section("devices"), wanted, live: true) ?? merged;
    }

    // Devices that show no alias, as displays, are the only ones of their kind and type.
    private static string AliasOf(XElement device, GuestDevice other) =>
        DeviceElement.Alias(device) ?? (DeviceIdentity.Name(device) == DeviceIdentity.Name(other.Element) ? other.Alias : string.Empty);

    private static Task ApplyAsync(LiveChange change) => change.Changed switch
    {
        DiskDevice disk => DiskUpdate.ApplyAsync(change, (DiskDevice)change.Old, disk),
        InterfaceDevice card => InterfaceUpdate.ApplyAsync(change, card),
        GraphicsDevice graphics => GraphicsUpdate.ApplyAsync(change, graphics),
        MemoryDevice memory => MemoryUpdate.ApplyAsync(change, memory),
        BalloonDevice balloon => BalloonUpdate.ApplyAsync(change, balloon),
        _ => change.Names.Count == 0
            ? Task.CompletedTask
            : throw DeviceErrors.NotLive(
                change.Domain.Name, $"a running guest cannot change its {DeviceElement.Describe(change.Changed.Element)}", "Use the scope Config."),
    };
}
