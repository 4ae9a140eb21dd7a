using System.Globalization;
using System.Xml.Linq;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;
using Virt.Hosts;

namespace Virt.Drivers.Test;

/// <summary>What a test host says of itself.</summary>
internal static class TestCapabilities
{
    private const string Emulator = "/usr/bin/test-hypervisor";
    private const string Version = "1.0";
    private const string Architecture = "x86_64";
    private const string Machine = "test";
    private const string DomainType = "test";
    private const int MaximumVCpu = 32;

    private static readonly Guid HostUuid = new("7e57ab1e-0000-4000-8000-000000000001");

    public static HostRecord Host(TestHost host)
    {
        long used = host.Domains.Select(domain => domain.TryGetRecord()).OfType<DomainRecord>()
            .Where(domain => domain.IsActive).Sum(domain => domain.Memory);
        NodeRecord machine = host.Node.Machine with { FreeMemory = Math.Max(0, host.Node.Machine.Memory - used) };
        string daemon = typeof(TestCapabilities).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
        return new HostRecord(TestHost.HostName, "Test", Version, daemon, machine);
    }

    public static HostCapabilities Capabilities(TestHost host) => new(
        HostUuid, Architecture, host.Node.Machine.CpuModel, CpuVendor: null, KvmUsable: false, KvmReason: "the test driver runs no guests",
        [
            new GuestCapabilities(
                Architecture, Emulator, Version, "hvm", [DomainType], [new MachineCapabilities(Machine, null, MaximumVCpu, Default: true, Deprecated: false)]),
        ]);

    /// <summary>How a definition would be run, were there an emulator.</summary>
    public static LaunchCommand Launch(DomainDefinition definition) => new(
        Emulator,
        [
            "-name", definition.Name, "-uuid", definition.Uuid.ToString("D"),
            "-m", string.Create(CultureInfo.InvariantCulture, $"size={definition.Memory >> 10}k"),
            "-smp", string.Create(CultureInfo.InvariantCulture, $"{definition.VCpu},maxcpus={definition.MaximumVCpu}"),
            .. definition.Root.Elements("devices").Elements().Where(DeviceOrder.IsDevice).SelectMany(device => new[] { "-device", DeviceElement.Describe(device) }),
        ],
        new Dictionary<string, string> { ["LC_ALL"] = "C" });

    public static DomainCapabilities Domain(TestHost host, DomainCapabilitiesRequest request)
    {
        Require(request.Emulator, Emulator, "emulator");
        Require(request.Architecture, Architecture, "architecture");
        Require(request.Machine, Machine, "machine");
        Require(request.Type, DomainType, "domain type");
        return new DomainCapabilities(
            Emulator, DomainType, Architecture, Machine, MaximumVCpu,
            [new CpuModelCapabilities(host.Node.Machine.CpuModel, Usable: true, Deprecated: false, [])],
            [
                new DeviceCapabilities("disk", "bus", ["ide", "sata", "scsi", "virtio"]),
                new DeviceCapabilities("disk", "device", ["cdrom", "disk", "floppy"]),
                new DeviceCapabilities("graphics", "type", ["spice", "vnc"]),
                new DeviceCapabilities("interface", "type", ["bridge", "network", "user"]),
            ]);
    }

    private static void Require(string? asked, string offered, string what)
    {
        if (asked is not null && asked != offered)
        {
            throw new VirtException(
                VirtErrorCode.InvalidArgument, $"the test host has no {what} '{asked}'", asked, $"Leave it out, or use '{offered}'.");
        }
    }
}
