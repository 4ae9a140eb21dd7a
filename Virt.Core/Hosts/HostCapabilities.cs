using Virt.Rpc;

namespace Virt.Hosts;

/// <summary>What a host can run; libvirt's capabilities document.</summary>
/// <param name="HostUuid">The host's identity.</param>
/// <param name="Architecture">The host's architecture.</param>
/// <param name="CpuModel">The host processor's name.</param>
/// <param name="CpuVendor">The host processor's vendor; null when not known.</param>
/// <param name="KvmUsable">Whether a probe of KVM ran and succeeded.</param>
/// <param name="KvmReason">Why KVM is not usable; null when it is.</param>
/// <param name="Guests">What guests it can run, one per architecture and emulator.</param>
[Wire]
public sealed record HostCapabilities(
    Guid HostUuid, string Architecture, string CpuModel, string? CpuVendor, bool KvmUsable, string? KvmReason,
    IReadOnlyList<GuestCapabilities> Guests);

/// <summary>What one emulator can run.</summary>
/// <param name="Architecture">The guest architecture.</param>
/// <param name="Emulator">The emulator's path.</param>
/// <param name="EmulatorVersion">Its version.</param>
/// <param name="OsType">The os type: <c>hvm</c>.</param>
/// <param name="DomainTypes">Usable domain types: <c>qemu</c>, and <c>kvm</c> where a probe of KVM succeeded.</param>
/// <param name="Machines">Machine types.</param>
[Wire]
public sealed record GuestCapabilities(
    string Architecture, string Emulator, string EmulatorVersion, string OsType, IReadOnlyList<string> DomainTypes,
    IReadOnlyList<MachineCapabilities> Machines);

/// <summary>A machine type.</summary>
/// <param name="Name">Its canonical name, as <c>pc-q35-7.2</c>.</param>
/// <param name="Alias">Its alias, as <c>q35</c>, or null.</param>
/// <param name="MaximumVCpu">The most virtual CPUs.</param>
/// <param name="Default">Whether it is the emulator's default.</param>
/// <param name="Deprecated">Whether QEMU has deprecated it.</param>
[Wire]
public sealed record MachineCapabilities(string Name, string? Alias, int MaximumVCpu, bool Default, bool Deprecated);

/// <summary>Which emulator and machine <c>GetDomainCapabilities</c> is asked about; null means the host's default.</summary>
/// <param name="Emulator">The emulator's path.</param>
/// <param name="Architecture">The guest architecture.</param>
/// <param name="Machine">The machine type or its alias.</param>
/// <param name="Type">The domain type: <c>kvm</c> or <c>qemu</c>.</param>
[Wire]
public sealed record DomainCapabilitiesRequest(
    string? Emulator = null, string? Architecture = null, string? Machine = null, string? Type = null);

/// <summary>What one emulator, machine and domain type offer; libvirt's domain capabilities document.</summary>
/// <param name="Emulator">The emulator's path.</param>
/// <param name="Type">The domain type.</param>
/// <param name="Architecture">The guest architecture.</param>
/// <param name="Machine">The machine's canonical name.</param>
/// <param name="MaximumVCpu">The most virtual CPUs.</param>
/// <param name="CpuModels">CPU models.</param>
/// <param name="Devices">Per device element (<c>disk</c>, <c>graphics</c>, ...) and attribute, the values that can be used.</param>
[Wire]
public sealed record DomainCapabilities(
    string Emulator, string Type, string Architecture, string Machine, int MaximumVCpu, IReadOnlyList<CpuModelCapabilities> CpuModels,
    IReadOnlyList<DeviceCapabilities> Devices);

/// <summary>A CPU model.</summary>
/// <param name="Name">Its name, as <c>Skylake-Client</c>.</param>
/// <param name="Usable">Whether this host can run it; null when QEMU does not say.</param>
/// <param name="Deprecated">Whether QEMU has deprecated it.</param>
/// <param name="Blockers">The features the host lacks.</param>
[Wire]
public sealed record CpuModelCapabilities(string Name, bool? Usable, bool Deprecated, IReadOnlyList<string> Blockers);

/// <summary>The values that one attribute of a device element may take.</summary>
/// <param name="Element">The device element, as <c>disk</c>.</param>
/// <param name="Attribute">The attribute, as <c>bus</c>.</param>
/// <param name="Values">The values.</param>
[Wire]
public sealed record DeviceCapabilities(string Element, string Attribute, IReadOnlyList<string> Values);
