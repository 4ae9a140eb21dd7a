using Virt.Daemon.Drivers.Qemu.Hotplug;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>Changes a domain's definition, its running guest, or both, all or nothing. Runs in the domain's job slot.</summary>
internal static class GuestChanger
{
    /// <summary>Makes a change where the scope says.</summary>
    public static async Task ChangeAsync(DomainSupervisor domain, DomainChange change, ChangeScope scope)
    {
        DefinitionChange.Check(change);
        if (change.Autostart is not null && domain.Config is null)
            throw domain.Invalid("is transient: it cannot start with the host", "Define it first.");
        if (change with { Autostart = null } != new DomainChange())
            await ChangeDefinitionsAsync(domain, change, DeviceScope.Resolve(domain, scope)).ConfigureAwait(false);
        if (change.Autostart is { } wanted && wanted != domain.Record.Autostart)
        {
            domain.Services.Autostart.Set(domain.Name, wanted);
            domain.SetRecord(record => record with { Autostart = wanted });
        }
    }

    private static async Task ChangeDefinitionsAsync(DomainSupervisor domain, DomainChange change, ChangeScope applied)
    {
        GuestRun? run = domain.Run;
        DomainDefinition? live = DeviceScope.Has(applied, ChangeScope.Live) ? run!.ParseLive() : null;
        DomainDefinition? before = live?.Clone();
        // What the guest cannot take is known before anything is written.
        if (live is not null)
            DefinitionChange.ApplyToLive(live, change);
        StoredDefinition? after = DeviceScope.Has(applied, ChangeScope.Config)
            ? await DefinitionEdit.ApplyAsync(domain, definition => DefinitionChange.ApplyToConfig(definition, change)).ConfigureAwait(false)
            : null;
        await DefinitionEdit.SaveAsync(
            domain, after, () => live is null ? Task.CompletedTask : ChangeGuestAsync(domain, run!, change, before!, live)).ConfigureAwait(false);
    }

    private static async Task ChangeGuestAsync(
        DomainSupervisor domain, GuestRun run, DomainChange change, DomainDefinition before, DomainDefinition after)
    {
        long memory = change.Memory ?? run.Memory;
        if (memory != run.Memory)
            await SetBalloonAsync(domain, run, memory).ConfigureAwait(false);
        try
        {
            if (after.VCpu != before.VCpu)
                await GuestVCpus.SetAsync(domain, run, after.VCpu).ConfigureAwait(false);
        }
        catch
        {
            if (memory != run.Memory)
                await SetBalloonAsync(domain, run, run.Memory).ConfigureAwait(false);
            // Some of them may have come or gone.
            await GuestVCpus.RefreshAsync(domain, run).ConfigureAwait(false);
            throw;
        }

        if (after.OnReboot != before.OnReboot)
            await domain.ExecuteAsync(run, GuestStarter.RebootAction(after.OnReboot)).ConfigureAwait(false);
        domain.SetLive(run, StoredDefinition.From(after), memory);
    }

    private static async Task SetBalloonAsync(DomainSupervisor domain, GuestRun run, long bytes)
    {
        try
        {
            await domain.ExecuteAsync(run, new QmpCommand("balloon", arguments => arguments.WriteNumber("value", bytes))).ConfigureAwait(false);
        }
        catch (QmpException refused) when (refused.ErrorClass is "DeviceNotActive" or "KVMMissingCap")
        {
            throw new VirtException(
                VirtErrorCode.ConfigurationUnsupported, $"domain '{domain.Name}' has no memory balloon: its memory cannot change while it runs",
                domain.Name, "Give it <memballoon model='virtio'/>, or use the scope Config.", refused);
        }
    }
}
