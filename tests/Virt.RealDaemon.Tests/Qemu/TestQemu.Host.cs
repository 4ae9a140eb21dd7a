using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Capabilities;

namespace Virt.Tests.Daemon.Qemu.Definition;

// The host's, probed once for all tests.
internal static partial class TestQemu
{
    private static async Task<QemuCapabilities> FindAsync()
    {
        using var folder = new TestFolder();
        return await QemuProbe.RunAsync(EmulatorSearch.Find()!, folder.Path, new Confinement(null), CancellationToken.None);
    }
}
