using Virt.Daemon.Drivers.Qemu;
using Virt.Daemon.Drivers.Qemu.Capabilities;
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
            return await new QemuHostInventory(new QemuCapabilitiesCache(scratch)).GetHostCapabilitiesAsync(cancel).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }
}
