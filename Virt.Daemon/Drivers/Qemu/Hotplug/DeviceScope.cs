using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>Where a change of a device goes.</summary>
internal static class DeviceScope
{
    /// <summary>The scope as Live, Config or Both; throws when the domain does not have what it names.</summary>
    public static ChangeScope Resolve(DomainSupervisor domain, ChangeScope scope)
    {
        ChangeScope applied = scope switch
        {
            ChangeScope.Current => domain.Run is null ? ChangeScope.Config : ChangeScope.Live,
            ChangeScope.Live or ChangeScope.Config or ChangeScope.Both => scope,
            _ => throw new Errors.VirtException(Errors.VirtErrorCode.InvalidArgument, $"{(int)scope} is not a scope"),
        };
        if (Has(applied, ChangeScope.Live) && domain.Run is null)
            throw domain.Invalid("is not running: there is no guest to change", "Use the scope Config.");
        if (Has(applied, ChangeScope.Config) && domain.Config is null)
            throw domain.Invalid("is transient: it has no definition to change", "Use the scope Live, or define it first.");
        return applied;
    }

    /// <summary>Whether a scope has a part.</summary>
    public static bool Has(ChangeScope applied, ChangeScope part) => (applied & part) == part;

    /// <summary>The paths of a run, as its command line had them.</summary>
    public static LaunchPaths PathsOf(this DomainSupervisor domain, GuestRun run) =>
        new(RunFolder.OwnOf(run.Folder), run.PidFile, domain.Services.Folders.LogOf(domain.Name)) { RunFolder = run.Folder };
}
