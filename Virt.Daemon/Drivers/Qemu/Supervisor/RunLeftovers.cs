using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>
/// What is a guest's while it runs and lies on the disk, as it is found when the host stopped with the guest: a later guest may have
/// the same user.
/// </summary>
internal static class RunLeftovers
{
    /// <summary>Takes the state of TPMs back, and removes folders for memory, of all guests that do not run.</summary>
    public static void Remove(QemuServices services)
    {
        foreach (Guid domain in Of(services, services.Folders.Tpm))
            Try(services, domain, () => TpmState.Give(services.Folders, domain, user: null));
        foreach (Guid domain in Of(services, services.Folders.Memory))
            Try(services, domain, () => FolderTree.Delete(services.Folders.MemoryOf(domain)));
    }

    private static IEnumerable<Guid> Of(QemuServices services, string folder) =>
        QemuFolders.DomainsIn(folder).Where(domain => !services.Table.IsRunning(domain));

    private static void Try(QemuServices services, Guid domain, Action work)
    {
        try
        {
            work();
        }
        catch (Exception failed) when (failed is VirtException or IOException or UnauthorizedAccessException)
        {
            QemuLog.TaskFailed(services.Logger, domain.ToString("D"), "cleaning up", failed.Message);
        }
    }
}
