using System.Management.Automation;
using Virt.Hosts;

namespace Virt.PowerShell;

/// <summary>Which capabilities are asked for.</summary>
public enum CapabilityKind
{
    /// <summary>What the host can run.</summary>
    Host,
    /// <summary>What an emulator and machine offer.</summary>
    Domain,
    /// <summary>The CPU models that guests can have.</summary>
    CpuModel,
}

/// <summary>Gets what hosts can run.</summary>
[Cmdlet(VerbsCommon.Get, "VirtCapability")]
[OutputType(typeof(VirtHostCapability), typeof(VirtDomainCapability), typeof(VirtCpuModel), typeof(string))]
public sealed class GetVirtCapabilityCommand : HostCommand
{
    /// <summary>Which capabilities.</summary>
    [Parameter(Position = 0)]
    public CapabilityKind Kind { get; set; }

    /// <summary>The guest's architecture; without it the host's.</summary>
    [Parameter]
    [Alias("Architecture")]
    [ValidateNotNullOrEmpty]
    public string? Arch { get; set; }

    /// <summary>The machine type; without it the emulator's default.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MachineCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Machine { get; set; }

    /// <summary>The domain type; without it the host's best.</summary>
    [Parameter]
    [ValidateSet("kvm", "qemu")]
    public string? Type { get; set; }

    /// <summary>Returns libvirt's capabilities document as text.</summary>
    [Parameter]
    public SwitchParameter Raw { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (VirtHost host in MeantHosts())
            Begin(host, cancel => Kind == CapabilityKind.Host ? HostAsync(host, cancel) : DomainAsync(host, cancel));
        WriteUntilDone();
    }

    private async Task HostAsync(VirtHost host, CancellationToken cancel)
    {
        HostCapabilities record = await CallAsync(
            host, "GetHostCapabilities", (driver, token) => driver.GetHostCapabilitiesAsync(token), cancel).ConfigureAwait(false);
        if (Arch is not null)
            record = record with { Guests = [.. record.Guests.Where(guest => guest.Architecture == Arch)] };
        Emit(Raw ? CapabilitiesXml.Format(VisibleCapabilities.Of(record)) : new VirtHostCapability(host, record));
    }

    private async Task DomainAsync(VirtHost host, CancellationToken cancel)
    {
        var request = new DomainCapabilitiesRequest(Architecture: Arch, Machine: Machine, Type: Type);
        DomainCapabilities record = await CallAsync(
            host, "GetDomainCapabilities", (driver, token) => driver.GetDomainCapabilitiesAsync(request, token), cancel)
            .ConfigureAwait(false);
        if (Raw)
            Emit(CapabilitiesXml.Format(VisibleCapabilities.Of(record)));
        else if (Kind == CapabilityKind.Domain)
            Emit(new VirtDomainCapability(host, record));
        else
            foreach (CpuModelCapabilities model in record.CpuModels)
                Emit(new VirtCpuModel(host, record, model));
    }
}
