namespace Virt.Daemon.Drivers.Qemu.Capabilities;

/// <summary>What one QEMU binary can do on this host, as it answered when it was asked.</summary>
/// <param name="Emulator">The binary's path.</param>
/// <param name="Version">Its version, as <c>7.2.22</c>.</param>
/// <param name="Architecture">The guest architecture, as <c>x86_64</c>.</param>
/// <param name="Machines">Machine types.</param>
/// <param name="CpuModels">CPU models under TCG.</param>
/// <param name="KvmCpuModels">CPU models under KVM; empty where KVM is not usable.</param>
/// <param name="CpuFeatures">Names of CPU features it knows, in QEMU's spelling.</param>
/// <param name="DeviceTypes">Device types that <c>-device</c> takes.</param>
/// <param name="Kvm">Whether KVM runs guests here.</param>
internal sealed record QemuCapabilities(
    string Emulator, string Version, string Architecture, IReadOnlyList<QemuMachine> Machines, IReadOnlyList<QemuCpuModel> CpuModels,
    IReadOnlyList<QemuCpuModel> KvmCpuModels, IReadOnlySet<string> CpuFeatures, IReadOnlySet<string> DeviceTypes, KvmSupport Kvm)
{
    /// <summary>The machine with this name or alias; the default one for null; null when there is none.</summary>
    public QemuMachine? FindMachine(string? name) => name is null
        ? Machines.FirstOrDefault(machine => machine.Default)
        : Machines.FirstOrDefault(machine => machine.Alias == name) ?? Machines.FirstOrDefault(machine => machine.Name == name);

    /// <summary>Whether <c>-device</c> takes this type.</summary>
    public bool HasDevice(string type) => DeviceTypes.Contains(type);
}

/// <summary>A machine type of QEMU.</summary>
/// <param name="Name">Its canonical name, as <c>pc-q35-7.2</c>.</param>
/// <param name="Alias">Its alias, as <c>q35</c>, or null.</param>
/// <param name="MaximumVCpu">The most virtual CPUs.</param>
/// <param name="Default">Whether it is the default.</param>
/// <param name="Deprecated">Whether QEMU has deprecated it.</param>
/// <param name="DefaultCpu">The CPU model a guest gets that names none, as <c>qemu64</c>; null for a machine without CPU.</param>
/// <param name="DefaultRamId">The name of the memory a guest gets when none is made for it.</param>
internal sealed record QemuMachine(
    string Name, string? Alias, int MaximumVCpu, bool Default, bool Deprecated, string? DefaultCpu, string? DefaultRamId);

/// <summary>A CPU model of QEMU.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Deprecated">Whether QEMU has deprecated it.</param>
/// <param name="Blockers">The features the host lacks; empty when it can be used, null when QEMU does not say.</param>
internal sealed record QemuCpuModel(string Name, bool Deprecated, IReadOnlyList<string>? Blockers);

/// <summary>What the probe of KVM found.</summary>
/// <param name="Usable">Whether a guest's first instructions ran under KVM.</param>
/// <param name="Reason">Why not; null when usable.</param>
internal sealed record KvmSupport(bool Usable, string? Reason);
