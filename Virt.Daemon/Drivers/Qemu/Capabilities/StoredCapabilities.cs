using System.Text.Json.Serialization;

namespace Virt.Daemon.Drivers.Qemu.Capabilities;

/// <summary>The content of a file of <see cref="QemuCapabilitiesFile"/>; any part may be missing in what is read.</summary>
internal sealed record StoredCapabilities(
    string? Fingerprint, string? Version, string? Architecture, IReadOnlyList<QemuMachine>? Machines, IReadOnlyList<QemuCpuModel>? CpuModels,
    IReadOnlyList<QemuCpuModel>? KvmCpuModels, IReadOnlyList<string>? CpuFeatures, IReadOnlyList<string>? DeviceTypes, KvmSupport? Kvm)
{
    [JsonIgnore]
    public bool IsWhole => this is
    {
        Machines.Count: > 0, CpuModels: not null, KvmCpuModels: not null, CpuFeatures: not null, DeviceTypes: not null,
        Kvm: not null, Version: not null, Architecture: not null,
    }
    && Machines.All(machine => machine is { Name: not null })
    && CpuModels.Concat(KvmCpuModels).All(model => model is { Name: not null })
    && CpuFeatures.Concat(DeviceTypes).All(name => name is not null);

    public static StoredCapabilities From(string fingerprint, QemuCapabilities found) => new(
        fingerprint, found.Version, found.Architecture, found.Machines, found.CpuModels, found.KvmCpuModels,
        [.. found.CpuFeatures.Order(StringComparer.Ordinal)], [.. found.DeviceTypes.Order(StringComparer.Ordinal)], found.Kvm);

    public QemuCapabilities ToCapabilities(string emulator) => new(
        emulator, Version!, Architecture!, Machines!, CpuModels!, KvmCpuModels!, CpuFeatures!.ToHashSet(StringComparer.Ordinal),
        DeviceTypes!.ToHashSet(StringComparer.Ordinal), Kvm!);
}

/// <summary>Reads and writes it without reflection, which a program compiled ahead of time does not have.</summary>
[JsonSerializable(typeof(StoredCapabilities))]
internal sealed partial class StoredCapabilitiesJson : JsonSerializerContext;
