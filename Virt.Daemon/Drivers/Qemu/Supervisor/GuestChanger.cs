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
        GuestRun? run = domain.Run;
        bool live = scope is ChangeScope.Live or ChangeScope.Both || (scope == ChangeScope.Current && run is not null);
        bool config = scope is ChangeScope.Config or ChangeScope.Both || (scope == ChangeScope.Current && run is null);
        Check(domain, change, live, config);

        StoredDefinition? before = domain.Config;
        StoredDefinition? after = config ? await ApplyAsync(domain, before!, change).ConfigureAwait(false) : null;
        if (after is not null)
            domain.Services.Definitions.Save(after);
        try
        {
            if (live)
                await ChangeGuestAsync(domain, run!, change).ConfigureAwait(false);
        }
        catch when (after is not null)
        {
            domain.Services.Definitions.Save(before!);
            throw;
        }

        if (after is not null)
            domain.SetConfig(after, (DomainEventKind.Defined, DomainEventDetail.Updated));
        if (change.Autostart is { } autostart && autostart != domain.Record.Autostart)
        {
            domain.Services.Autostart.Set(domain.Name, autostart);
            domain.SetRecord(record => record with { Autostart = autostart });
        }
    }

    private static void Check(DomainSupervisor domain, DomainChange change, bool live, bool config)
    {
        if (live && domain.Run is null)
            throw domain.Invalid("is not running: there is no guest to change", "Use the scope Config.");
        if (domain.Config is null && (config || change.Autostart is not null))
            throw domain.Invalid("is transient: it has no definition to change", "Use the scope Live, or define it first.");
        if (live && (change.MaximumMemory is not null || change.MaximumVCpu is not null || change.BootOrder is not null))
        {
            throw domain.Invalid(
                "is running: maximum memory, maximum virtual CPUs and boot order can only be changed in its definition", "Use the scope Config.");
        }

        if (live && change.Memory is { } memory)
            CheckRange("memory", memory, domain.Record.MaximumMemory, domain.Name);
        if (live && change.VCpu is { } vcpu)
            CheckRange("virtual CPUs", vcpu, domain.Record.MaximumVCpu, domain.Name);
        if (config)
        {
            CheckRange("memory", change.Memory ?? 1, change.MaximumMemory ?? domain.Config!.MaximumMemory, domain.Name);
            CheckRange("virtual CPUs", change.VCpu ?? 1, change.MaximumVCpu ?? domain.Config!.MaximumVCpu, domain.Name);
        }
    }

    private static void CheckRange(string what, long value, long maximum, string target)
    {
        if (value <= 0 || value > maximum)
        {
            throw new VirtException(
                VirtErrorCode.InvalidArgument, $"{value} is not between 1 and the maximum of {maximum} ({what})", target,
                "Raise the maximum first, in the definition.");
        }
    }

    private static async Task<StoredDefinition?> ApplyAsync(DomainSupervisor domain, StoredDefinition before, DomainChange change)
    {
        DomainDefinition definition = before.Parse();
        if (change.MaximumMemory is { } maximum)
        {
            definition.MaximumMemory = maximum;
            definition.Memory = Math.Min(definition.Memory, maximum);
        }

        if (change.MaximumVCpu is { } maximumVCpu)
        {
            int current = Math.Min(definition.VCpu, maximumVCpu);
            definition.MaximumVCpu = maximumVCpu;
            definition.VCpu = current;
        }

        if (change.BootOrder is { } order)
            definition.BootOrder = order;
        if (change.Memory is { } memory)
            definition.Memory = memory;
        if (change.VCpu is { } vcpu)
            definition.VCpu = vcpu;
        ApplyText(definition, change);
        DomainDefinition checkedDefinition = await domain.Services.Planner
            .CheckAsync(DomainDefinition.Parse(definition.ToXml()), CancellationToken.None).ConfigureAwait(false);
        StoredDefinition after = StoredDefinition.From(checkedDefinition);
        return after.Utf8.AsSpan().SequenceEqual(before.Utf8) ? null : after;
    }

    private static void ApplyText(DomainDefinition definition, DomainChange change)
    {
        if (change.Title is { } title)
            definition.Title = title.Contains('\n', StringComparison.Ordinal)
                ? throw new VirtException(VirtErrorCode.InvalidArgument, "a title has one line", definition.Name)
                : title;
        if (change.Description is { } description)
            definition.Description = description;
        if (change.OnPoweroff is { } poweroff)
            definition.OnPoweroff = poweroff;
        if (change.OnReboot is { } reboot)
            definition.OnReboot = reboot;
        if (change.OnCrash is { } crash)
            definition.OnCrash = crash;
    }

    private static async Task ChangeGuestAsync(DomainSupervisor domain, GuestRun run, DomainChange change)
    {
        DomainDefinition live = run.ParseLive();
        long memory = run.Memory;
        if (change.VCpu is { } vcpu && vcpu != live.VCpu)
        {
            await GuestVCpus.SetAsync(domain, run, vcpu).ConfigureAwait(false);
            live.VCpu = vcpu;
        }

        if (change.Memory is { } target && target != memory)
        {
            await SetBalloonAsync(domain, run, target).ConfigureAwait(false);
            live.Memory = memory = target;
        }

        if (change.OnReboot is { } reboot && reboot != live.OnReboot)
            await domain.ExecuteAsync(run, GuestStarter.RebootAction(reboot)).ConfigureAwait(false);
        ApplyText(live, change);
        domain.SetLive(run, StoredDefinition.From(live), memory);
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
