using Virt.Daemon.Drivers.Qemu.Store;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>Changes the persistent definition of a domain, together with its running guest or alone.</summary>
internal static class DefinitionEdit
{
    /// <summary>The definition after an edit, checked as a new one is.</summary>
    public static async Task<StoredDefinition> ApplyAsync(DomainSupervisor domain, Action<DomainDefinition> edit)
    {
        DomainDefinition definition = domain.Config!.Parse();
        edit(definition);
        DomainDefinition taken = await domain.Services.Planner.CheckAsync(DomainDefinition.Adopt(definition.Root), CancellationToken.None)
            .ConfigureAwait(false);
        return StoredDefinition.From(taken);
    }

    /// <summary>Saves a definition once a change of the guest that belongs to it is done; when that fails the old one is kept.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="after">The new definition; null when it stays as it is.</param>
    /// <param name="live">The change of the guest.</param>
    public static async Task SaveAsync(DomainSupervisor domain, StoredDefinition? after, Func<Task> live)
    {
        if (after is null || after.Utf8.AsSpan().SequenceEqual(domain.Config!.Utf8))
        {
            await live().ConfigureAwait(false);
            return;
        }

        // Written first: a disk that is full must not leave a guest that differs from what its caller is told.
        StoredDefinition before = domain.Config;
        domain.Services.Definitions.Save(after);
        try
        {
            await live().ConfigureAwait(false);
        }
        catch
        {
            domain.Services.Definitions.Save(before);
            throw;
        }

        domain.SetConfig(after, (DomainEventKind.Defined, DomainEventDetail.Updated));
    }
}
