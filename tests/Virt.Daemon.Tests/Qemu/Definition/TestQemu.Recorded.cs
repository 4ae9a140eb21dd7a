using System.Text.Json;
using Virt.Daemon.Drivers.Qemu.Capabilities;

namespace Virt.Tests.Daemon.Qemu.Definition;

// What a QEMU 7.2 said of itself. A test in Virt.RealDaemon.Tests compares it with the real one.
internal static partial class TestQemu
{
    private static Task<QemuCapabilities> FindAsync()
    {
        using Stream recorded = typeof(TestQemu).Assembly.GetManifestResourceStream("qemu-7.2.json")!;
        StoredCapabilities stored = JsonSerializer.Deserialize(recorded, StoredCapabilitiesJson.Default.StoredCapabilities)!;
        Assert.True(stored.IsWhole);
        return Task.FromResult(stored.ToCapabilities("/usr/bin/qemu-system-x86_64"));
    }
}
