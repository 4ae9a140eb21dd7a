using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Supervisor;

namespace Virt.Daemon.Drivers.Qemu.Resources;

/// <summary>What a guest's resources are made with.</summary>
/// <param name="Name">The domain's name.</param>
/// <param name="Uuid">The domain's identity.</param>
/// <param name="RunFolder">The folder of this run; it is removed after the resources are released.</param>
/// <param name="Folders">The driver's folders.</param>
/// <param name="Launcher">Starts processes that outlive the daemon.</param>
internal sealed record HostServices(string Name, Guid Uuid, string RunFolder, QemuFolders Folders, ProcessLauncher Launcher)
{
    /// <summary>Whether nothing of the domain stays once it is off.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Those of a domain's run.</summary>
    public static HostServices Of(DomainSupervisor domain, string runFolder) =>
        new(domain.Name, domain.Uuid, runFolder, domain.Services.Folders, domain.Services.Launcher) { IsTransient = domain.Config is null };
}
