using Virt.Hosts;

namespace Virt.Daemon.Drivers.Qemu;

/// <summary>What the host is and what its emulators can do.</summary>
internal interface IHostInventory
{
    /// <summary>The host.</summary>
    ValueTask<HostRecord> GetHostAsync(CancellationToken cancel);

    /// <summary>What the host can run.</summary>
    ValueTask<HostCapabilities> GetHostCapabilitiesAsync(CancellationToken cancel);

    /// <summary>What one emulator, machine and domain type offer.</summary>
    ValueTask<DomainCapabilities> GetDomainCapabilitiesAsync(DomainCapabilitiesRequest request, CancellationToken cancel);
}
