using Virt.Daemon.Drivers.Qemu;
using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Hosting;
using Virt.Domains.Definition;

namespace Virt.Tests.Daemon.Qemu.Definition;

/// <summary>The QEMU that tests of definitions are for: a recorded one, or the host's where a suite starts it.</summary>
internal static partial class TestQemu
{
    private static readonly Lazy<Task<QemuCapabilities>> Known = new(FindAsync);

    public static Task<QemuCapabilities> GetAsync() => Known.Value;

    /// <summary>The same emulator on a host whose KVM works.</summary>
    public static async Task<QemuCapabilities> GetWithKvmAsync() => await GetAsync() with { Kvm = new KvmSupport(true, null) };

    public static async Task<GuestDefinition> ParseAsync(string xml, TestFolder? folder = null) => GuestDefinition.Parse(
        DomainDefinition.Parse(xml), await GetAsync(),
        folder is null ? null : GuestHost.Of(new QemuFolders(VirtDirectories.FromRoot(folder.Path))));

    /// <summary>A definition around devices.</summary>
    public static string Domain(string devices = "", string general = "", string machine = "q35", string os = "", string type = "qemu", string name = "guest") =>
        $"""
        <domain type='{type}' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
          <name>{name}</name>
          <uuid>11111111-2222-4333-8444-555555555555</uuid>
          <memory unit='MiB'>128</memory>
          <os><type machine='{machine}'>hvm</type>{os}</os>
          {general}
          <devices>
            {devices}
          </devices>
        </domain>
        """;
}
