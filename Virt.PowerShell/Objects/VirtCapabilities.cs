using Virt.Hosts;
using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>What a host can run.</summary>
public sealed class VirtHostCapability : IHostCapabilityColumns
{
    internal VirtHostCapability(VirtHost host, HostCapabilities record)
    {
        VirtHost = host;
        record = VisibleCapabilities.Of(record);
        HostUuid = record.HostUuid;
        Architecture = record.Architecture;
        CpuModel = record.CpuModel;
        CpuVendor = record.CpuVendor;
        KvmUsable = record.KvmUsable;
        KvmReason = record.KvmReason;
        Guests = record.Guests;
        GuestArchitectures = [.. record.Guests.Select(guest => guest.Architecture).Distinct()];
        DomainTypes = [.. record.Guests.SelectMany(guest => guest.DomainTypes).Distinct()];
        Machines = [.. record.Guests.SelectMany(guest => guest.Machines).Select(machine => machine.Name).Distinct()];
    }

    /// <summary>The host.</summary>
    public VirtHost VirtHost { get; }

    /// <summary>The host's identity.</summary>
    public Guid HostUuid { get; }

    /// <summary>Its architecture.</summary>
    public string Architecture { get; }

    /// <summary>Its processor.</summary>
    public string CpuModel { get; }

    /// <summary>The processor's vendor; null when not known.</summary>
    public string? CpuVendor { get; }

    /// <summary>Whether KVM works there.</summary>
    public bool KvmUsable { get; }

    /// <summary>Why KVM does not work; null when it does.</summary>
    public string? KvmReason { get; }

    /// <summary>The architectures of guests.</summary>
    public IReadOnlyList<string> GuestArchitectures { get; }

    /// <summary>The domain types: kvm, qemu.</summary>
    public IReadOnlyList<string> DomainTypes { get; }

    /// <summary>The machine types.</summary>
    public IReadOnlyList<string> Machines { get; }

    /// <summary>What guests it can run, per emulator.</summary>
    public IReadOnlyList<GuestCapabilities> Guests { get; }

    string IHostCapabilityColumns.GuestArchitecturesText => string.Join(", ", GuestArchitectures);

    string IHostCapabilityColumns.DomainTypesText => string.Join(", ", DomainTypes);

    int IHostCapabilityColumns.MachineCount => Machines.Count;
}

/// <summary>What one emulator, machine and domain type offer.</summary>
public sealed class VirtDomainCapability : IDomainCapabilityColumns
{
    internal VirtDomainCapability(VirtHost host, DomainCapabilities record)
    {
        VirtHost = host;
        record = VisibleCapabilities.Of(record);
        Emulator = record.Emulator;
        Type = record.Type;
        Architecture = record.Architecture;
        Machine = record.Machine;
        MaximumVCpu = record.MaximumVCpu;
        CpuModels = [.. record.CpuModels.Select(model => model.Name)];
        Devices = record.Devices;
    }

    /// <summary>The host.</summary>
    public VirtHost VirtHost { get; }

    /// <summary>The emulator.</summary>
    public string Emulator { get; }

    /// <summary>The domain type.</summary>
    public string Type { get; }

    /// <summary>The architecture.</summary>
    public string Architecture { get; }

    /// <summary>The machine type.</summary>
    public string Machine { get; }

    /// <summary>The most virtual CPUs.</summary>
    public int MaximumVCpu { get; }

    /// <summary>The names of CPU models.</summary>
    public IReadOnlyList<string> CpuModels { get; }

    /// <summary>The values that attributes of devices can take.</summary>
    public IReadOnlyList<DeviceCapabilities> Devices { get; }

    int IDomainCapabilityColumns.CpuModelCount => CpuModels.Count;

    IReadOnlyList<string> IDomainCapabilityColumns.DeviceLines => [.. Devices.Select(device => $"{device.Element} {device.Attribute}: {string.Join(", ", device.Values)}")];
}

/// <summary>A CPU model that guests can have.</summary>
public sealed class VirtCpuModel : ICpuModelColumns
{
    internal VirtCpuModel(VirtHost host, DomainCapabilities domain, CpuModelCapabilities model)
    {
        VirtHost = host;
        Name = VisibleText.Line(model.Name);
        Architecture = VisibleText.Line(domain.Architecture);
        Type = VisibleText.Line(domain.Type);
        Usable = model.Usable;
        Deprecated = model.Deprecated;
        Blockers = VisibleText.Each(model.Blockers);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The architecture.</summary>
    public string Architecture { get; }

    /// <summary>The domain type that was asked about.</summary>
    public string Type { get; }

    /// <summary>Whether the host can run it; null when it does not say.</summary>
    public bool? Usable { get; }

    /// <summary>Whether QEMU has deprecated it.</summary>
    public bool Deprecated { get; }

    /// <summary>The features that the host lacks.</summary>
    public IReadOnlyList<string> Blockers { get; }

    /// <summary>The host.</summary>
    public VirtHost VirtHost { get; }

    string ICpuModelColumns.BlockersText => string.Join(", ", Blockers);

    /// <summary>Its name.</summary>
    public override string ToString() => Name;
}
