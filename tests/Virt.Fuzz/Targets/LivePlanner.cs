using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Daemon.Drivers.Qemu.Supervisor;
using Virt.Domains.Definition;

namespace Virt.Fuzz.Targets;

/// <summary>Reads guests that run, and starts none.</summary>
internal sealed class LivePlanner : IGuestPlanner
{
    public ValueTask<DomainDefinition> CheckAsync(DomainDefinition definition, CancellationToken cancel) => ValueTask.FromResult(definition);

    public ValueTask<GuestPlan> PlanAsync(DomainDefinition definition, GuestPlaces places, CancellationToken cancel) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<IHostResource>> ReadResourcesAsync(DomainDefinition live, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<IHostResource>>([]);

    public ValueTask<GuestDefinition> ReadLiveAsync(DomainDefinition live, CancellationToken cancel) =>
        ValueTask.FromResult(GuestDefinition.ParseLive(live, EveryQemu.Capabilities));

    public ValueTask PrepareAsync(IEnumerable<GuestDevice> devices, CancellationToken cancel) => ValueTask.CompletedTask;
}
