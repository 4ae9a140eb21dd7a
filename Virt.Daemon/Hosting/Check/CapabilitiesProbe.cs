using Virt.Daemon.Drivers.Qemu;
using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Hosts;

namespace Virt.Daemon.Hosting.Check;

/// <summary>Asks the host's emulators afresh what they can do, without a daemon and without leaving a trace.</summary>
internal static class CapabilitiesProbe
{
    public static async ValueTask<HostCapabilities> RunAsync(CancellationToken cancel)
    {
        string scratch = Directory.CreateTempSubdirectory("virt-probe-").FullName;
        try
        {
            var users = new QemuUsers(new QemuConfig(), isSystem: Environment.IsPrivilegedProcess);
            return await new QemuHostInventory(new QemuCapabilitiesCache(scratch, walls: users.Confinement)).GetHostCapabilitiesAsync(cancel).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }
}
