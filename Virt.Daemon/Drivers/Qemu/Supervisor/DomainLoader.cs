using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Daemon.Native;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>
/// Fills the table of a starting daemon: definitions, changes that were cut short, guests that run. Nothing that lies in the
/// folders, and no guest, keeps it from the others.
/// </summary>
internal sealed class DomainLoader(QemuServices services)
{
    private readonly RunRecovery _recovery = new(services);

    /// <summary>Loads all; returns when each guest that answers is taken over.</summary>
    public async Task LoadAsync(CancellationToken cancel)
    {
        services.Folders.Create(services.Logger, passable: services.Users.IsSeparate);
        LoadedDefinitions definitions = services.Definitions.Load();
        var catalog = new DomainCatalog(services);
        foreach (PendingRemoval removal in definitions.Removals)
            catalog.FinishRemoval(removal);
        foreach ((string oldName, StoredDefinition renamed) in definitions.Renamed)
            catalog.FinishRenaming(oldName, renamed.Name);
        IReadOnlySet<string> marks = services.Autostart.Load();
        foreach (StoredDefinition definition in definitions.Definitions)
            AddDefined(definition, marks.Contains(definition.Name));
        DomainNvram.RemoveSpareLinks(services.Folders, definitions.Definitions.Select(definition => definition.Name).ToHashSet(StringComparer.Ordinal));

        services.Ownership.Load();
        services.UserIds.Load();
        await TakeOverAsync(cancel).ConfigureAwait(false);
        services.Ownership.ReleaseUnless(services.Table.IsRunning);
        RunLeftovers.Remove(services);
        services.UserIds.ReturnUnless(services.Table.IsRunning);
        foreach (string name in definitions.Lost)
            Restore(name, marks.Contains(name));
        services.SavedStates.Clean(name => services.Table.All.Any(domain => domain.Name == name && domain.Run is not null));
    }

    private async Task TakeOverAsync(CancellationToken cancel)
    {
        LoadedStatuses statuses = services.Statuses.Load();
        foreach (RunStatus status in statuses.Whole)
            services.Ids.Reserve(status.Id);
        foreach (StatusParts parts in statuses.Parts.Values)
            services.Ids.Reserve(parts.Id ?? 0);
        IReadOnlyList<RunStatus> recovered = await _recovery.RecoverAsync(statuses.Whole, statuses.Parts).ConfigureAwait(false);
        RunStatus[] all = [.. statuses.Whole, .. recovered.Select(status => status.Id > 0 ? status : status with { Id = services.Ids.Next() })];
        var adopter = new GuestAdopter(services, _recovery);
        await Task.WhenAll(all.Select(status => AdoptAsync(adopter, status))).WaitAsync(cancel).ConfigureAwait(false);
    }

    private void AddDefined(StoredDefinition definition, bool autostart)
    {
        services.Table.GetOrAdd(definition.Name, definition.Uuid, () => new DomainSupervisor(services, definition), out DomainSupervisor domain);
        domain.SetConfig(definition);
        domain.SetRecord(record => record with { Autostart = autostart, HasSavedState = services.SavedStates.Exists(definition.Name) });
        domain.Publish();
    }

    private async Task AdoptAsync(GuestAdopter adopter, RunStatus status)
    {
        try
        {
            RunStatus placed = Place(status);
            services.Table.GetOrAdd(
                placed.Name, placed.Uuid, () => new DomainSupervisor(services, StoredDefinition.FromXml(placed.Xml)), out DomainSupervisor domain);
            domain.Publish();
            await adopter.AdoptAsync(domain, placed).ConfigureAwait(false);
        }
        catch (Exception unusable)
        {
            QemuLog.TaskFailed(services.Logger, status.Name, "taking over", unusable.Message);
        }
    }

    // Definitions may have been changed by hand meanwhile. The domain that the guest is of keeps its name, and a guest whose name
    // another domain has now gets one of its own.
    private RunStatus Place(RunStatus status)
    {
        string name = services.Table.All.FirstOrDefault(domain => domain.Uuid == status.Uuid)?.Name
            ?? (services.Table.All.Any(domain => domain.Name == status.Name) ? $"{status.Name}-{status.Id}" : status.Name);
        if (name == status.Name)
            return status;
        services.Statuses.Delete(status.Name, status.Uuid);
        DomainDefinition live = DomainDefinition.Parse(status.Xml);
        live.Name = name;
        return status with { Name = name, Xml = live.ToXml() };
    }

    // The file of a guest that runs was not usable: what runs tells what was defined.
    private void Restore(string name, bool autostart)
    {
        try
        {
            if (services.Table.All.FirstOrDefault(domain => domain.Name == name) is not { Config: null, Run: { } run } domain)
                return;
            DomainDefinition definition = run.ParseLive();
            LiveState.Strip(definition.Root);
            StoredDefinition stored = StoredDefinition.From(definition);
            services.Definitions.Save(stored);
            domain.SetConfig(stored);
            domain.SetRecord(record => record with { Autostart = autostart });
            QemuLog.DefinitionRestored(services.Logger, name);
        }
        catch (VirtException failed)
        {
            QemuLog.TaskFailed(services.Logger, name, "restoring its definition", failed.Message);
        }
    }
}
