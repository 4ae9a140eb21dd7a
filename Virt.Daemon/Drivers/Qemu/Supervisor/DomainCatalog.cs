using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Logs;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Daemon.Hosting;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>Which domains there are: define, undefine, create transient, rename.</summary>
internal sealed class DomainCatalog(QemuServices services)
{
    private static readonly (DomainEventKind, DomainEventDetail) Added = (DomainEventKind.Defined, DomainEventDetail.Added);
    private static readonly (DomainEventKind, DomainEventDetail) Updated = (DomainEventKind.Defined, DomainEventDetail.Updated);

    /// <summary>Defines a domain or replaces its definition; an active one takes it at its next start.</summary>
    public async Task<DomainSupervisor> DefineAsync(string xml, DefineOptions options, CancellationToken cancel)
    {
        StoredDefinition definition = StoredDefinition.From(await ParseAsync(xml, (options & DefineOptions.Validate) != 0, cancel).ConfigureAwait(false));
        return await ChangeAsync(definition, "define", (domain, isNew) =>
        {
            services.Definitions.Save(definition);
            domain.Publish();
            domain.SetConfig(definition, isNew || domain.Config is null ? Added : Updated);
            return Task.CompletedTask;
        }, cancel).ConfigureAwait(false);
    }

    /// <summary>Starts a domain from XML that is not kept.</summary>
    /// <param name="xml">The definition.</param>
    /// <param name="options">How to start it.</param>
    /// <param name="started">Called when it has started, before anyone else can change it.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<DomainSupervisor> CreateAsync(
        string xml, StartOptions options, Action<DomainSupervisor> started, CancellationToken cancel)
    {
        DomainDefinition definition = await ParseAsync(xml, (options & StartOptions.Validate) != 0, cancel).ConfigureAwait(false);
        StoredDefinition stored = StoredDefinition.From(definition);
        return await ChangeAsync(stored, "create", async (domain, _) =>
        {
            if (domain.Run is not null)
                throw domain.Invalid("is running already");
            await GuestStarter.StartAsync(domain, definition, options, saved: null).ConfigureAwait(false);
            domain.Publish();
            started(domain);
        }, cancel).ConfigureAwait(false);
    }

    /// <summary>Removes a definition; a running guest goes on as a transient domain.</summary>
    public Task UndefineAsync(DomainSupervisor domain, UndefineOptions options, CancellationToken cancel) =>
        domain.RunJobAsync("undefine", () =>
        {
            StoredDefinition config = domain.Config ?? throw domain.Invalid("is transient: it has no definition to remove");
            bool saved = services.SavedStates.Exists(domain.Name);
            if (saved && (options & UndefineOptions.ManagedSave) == 0)
                throw domain.Invalid("has a saved state", "Remove the saved state with it: the option ManagedSave, or Remove-VirtSavedState first.");
            string? nvram = DomainNvram.Find(config, services.Folders);
            if (nvram is not null && (options & (UndefineOptions.Nvram | UndefineOptions.KeepNvram)) == 0)
                throw domain.Invalid("has an NVRAM file", "Say whether it is removed (Nvram) or kept (KeepNvram).");

            // From here on it counts as removed, whatever happens; a later daemon finishes what is cut short.
            services.Definitions.BeginRemoval(domain.Name, options);
            try
            {
                RemoveBelongings(config, options, isRunning: domain.Run is not null);
            }
            catch (Exception failed) when (failed is VirtException or IOException or UnauthorizedAccessException)
            {
                QemuLog.TaskFailed(services.Logger, domain.Name, "removing what belongs to it", failed.Message);
            }

            domain.Update(() =>
            {
                domain.SetRecord(record => record with { Autostart = false, HasSavedState = false });
                if (domain.Run is null)
                    domain.Remove();
                domain.SetConfig(null, (DomainEventKind.Undefined, DomainEventDetail.Removed));
            });
            return Task.CompletedTask;
        }, cancel);

    /// <summary>Renames a domain that is off.</summary>
    public Task RenameAsync(DomainSupervisor domain, string newName, CancellationToken cancel)
    {
        DomainName.Check(newName);
        return domain.RunJobAsync("rename", () =>
        {
            string oldName = domain.Name;
            if (domain.Run is not null || domain.Config is null)
                throw domain.Invalid("is running and cannot be renamed", "Shut it down first.");
            if (services.SavedStates.Exists(oldName))
                throw domain.Invalid("has a saved state and cannot be renamed", "Start it or remove the saved state first.");
            if (newName == oldName)
                throw domain.Invalid("has that name already");
            if (!services.Table.TryAddName(newName, domain))
                throw domain.Invalid($"cannot be renamed: a domain '{newName}' exists");
            try
            {
                Rename(domain, oldName, newName);
            }
            catch
            {
                services.Table.RemoveName(newName);
                throw;
            }

            services.Table.RemoveName(oldName);
            return Task.CompletedTask;
        }, cancel);
    }

    /// <summary>Finishes a removal that an earlier daemon has begun.</summary>
    public void FinishRemoval(PendingRemoval removal)
    {
        try
        {
            RemoveBelongings(removal.Definition, removal.Options, isRunning: false);
            QemuLog.RemovalFinished(services.Logger, removal.Definition.Name);
        }
        catch (Exception failed) when (failed is VirtException or IOException or UnauthorizedAccessException)
        {
            QemuLog.TaskFailed(services.Logger, removal.Definition.Name, "finishing its removal", failed.Message);
        }
    }

    /// <summary>Finishes a renaming that counts: what went by the old name goes by the new one.</summary>
    public void FinishRenaming(string oldName, string newName)
    {
        try
        {
            if (!services.Definitions.Exists(oldName) && services.Autostart.Load().Contains(oldName))
            {
                services.Autostart.Set(newName, marked: true);
                services.Autostart.Set(oldName, marked: false);
            }

            services.Definitions.EndRenaming(oldName);
        }
        catch (VirtException failed)
        {
            // The next start of virtd tries again.
            QemuLog.TaskFailed(services.Logger, newName, $"finishing its renaming from '{oldName}'", failed.Message);
        }
    }

    // A definition of the same name that has been made since has taken over what goes by the name.
    private void RemoveBelongings(StoredDefinition config, UndefineOptions options, bool isRunning)
    {
        if (!services.Definitions.Exists(config.Name))
        {
            services.Autostart.Set(config.Name, marked: false);
            services.SavedStates.Delete(config.Name);
            if ((options & UndefineOptions.Nvram) != 0 && DomainNvram.Find(config, services.Folders) is { } nvram)
                DurableFile.Delete(nvram);
        }

        if (!isRunning && !services.Definitions.Exists(config.Name))
            LogFile.Delete(services.Folders.LogOf(config.Name));
        if (!isRunning)
            TpmState.Undefine(services.Folders, config.Uuid, config.Parse().Root, options);
        services.Definitions.EndRemoval(config.Name, options);
    }

    private void Rename(DomainSupervisor domain, string oldName, string newName)
    {
        DomainDefinition definition = domain.Config!.Parse();
        definition.Name = newName;
        using NvramMove nvram = DomainNvram.Move(definition, oldName, services.Folders);
        StoredDefinition renamed = StoredDefinition.From(definition);
        services.Definitions.BeginRenaming(oldName);
        try
        {
            services.Definitions.Save(renamed);
        }
        catch
        {
            services.Definitions.UndoRenaming(oldName);
            throw;
        }

        FinishRenaming(oldName, newName);
        nvram.Keep();
        domain.Update(() =>
        {
            domain.Report(DomainEventKind.Undefined, DomainEventDetail.Renamed);
            domain.SetConfig(renamed, (DomainEventKind.Defined, DomainEventDetail.Renamed));
        });
    }

    private async ValueTask<DomainDefinition> ParseAsync(string xml, bool strict, CancellationToken cancel) =>
        await services.Planner.CheckAsync(DomainDefinition.Parse(xml, strict), cancel).ConfigureAwait(false);

    // A new domain is in the table, its job slot taken, before its file is written or its guest started, so that nobody else can
    // take name or uuid; it is seen by others when that is done.
    private async Task<DomainSupervisor> ChangeAsync(
        StoredDefinition definition, string job, Func<DomainSupervisor, bool, Task> change, CancellationToken cancel)
    {
        while (true)
        {
            bool isNew = services.Table.GetOrAdd(
                definition.Name, definition.Uuid, () => new DomainSupervisor(services, definition), out DomainSupervisor domain);
            try
            {
                await domain.RunJobAsync(job, () => change(domain, isNew), cancel).ConfigureAwait(false);
                return domain;
            }
            catch (VirtNotFoundException) when (!isNew)
            {
                // It was removed while we waited for it: the name is free again.
            }
            catch when (isNew && !domain.IsPublished && domain.Run is null)
            {
                domain.Remove();
                throw;
            }
        }
    }
}
