using Virt.Daemon.Drivers.Qemu.Ownership;
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
    /// <summary>Gives files to guests; null where guests run as the daemon's own user.</summary>
    public FileOwnership? Ownership { get; init; }

    /// <summary>Which users there are; null where guests run as the daemon's own.</summary>
    public QemuUsers? Users { get; init; }

    /// <summary>Whom the guest runs as; null for the daemon's own user.</summary>
    public QemuUser? User => Users?.OfRun(RunFolder);

    /// <summary>Lets the guest connect to a socket that virtd made in the run's folder.</summary>
    public void GiveSocket(string path)
    {
        if (User is { } user)
            Qemu.Ownership.RunFolder.Give(path, user.User, user.Group);
    }

    /// <summary>Whether nothing of the domain stays once it is off.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Those of a domain's run.</summary>
    public static HostServices Of(DomainSupervisor domain, string runFolder) =>
        new(domain.Name, domain.Uuid, runFolder, domain.Services.Folders, domain.Services.Launcher)
        {
            IsTransient = domain.Config is null, Ownership = domain.Services.Ownership, Users = domain.Services.Users,
        };
}
