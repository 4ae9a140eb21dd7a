using System.Text.Json;
using System.Runtime.InteropServices;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>How one guest is started.</summary>
/// <param name="Executable">The emulator.</param>
/// <param name="Arguments">Its arguments; the monitor listens on descriptor 3.</param>
/// <param name="Environment">Its environment, as <c>NAME=value</c>.</param>
/// <param name="AfterStart">What the monitor is told before the guest runs, in order.</param>
/// <param name="LiveXml">The definition of this run as known now: defaults filled in, aliases given, and what answers told.</param>
/// <param name="Resources">What the host must give before QEMU starts.</param>
/// <param name="Descriptors">What QEMU inherits after the monitor's, from descriptor 4 on; opened once the resources are there.</param>
internal sealed record GuestPlan(
    string Executable, IReadOnlyList<string> Arguments, IReadOnlyList<string> Environment, IReadOnlyList<GuestPlanStep> AfterStart,
    Func<string> LiveXml, IReadOnlyList<IHostResource> Resources, IReadOnlyList<Func<SafeHandle>> Descriptors);

/// <summary>A command before the guest runs.</summary>
/// <param name="Command">The command.</param>
/// <param name="Reply">Takes the result; null when it tells nothing.</param>
internal sealed record GuestPlanStep(QmpCommand Command, Action<JsonElement>? Reply = null);

/// <summary>Where a run keeps its things.</summary>
/// <param name="Folder">The run's folder.</param>
/// <param name="PidFile">Where QEMU writes its pid.</param>
/// <param name="LogFile">The domain's log.</param>
/// <param name="Restoring">Whether QEMU is to wait for a saved state.</param>
internal sealed record GuestPlaces(string Folder, string PidFile, string LogFile, bool Restoring);

/// <summary>Turns definitions into what QEMU is started with.</summary>
internal interface IGuestPlanner
{
    /// <summary>Checks that a definition can be given and returns it as it is to be kept.</summary>
    ValueTask<DomainDefinition> CheckAsync(DomainDefinition definition, CancellationToken cancel);

    /// <summary>Plans a start.</summary>
    ValueTask<GuestPlan> PlanAsync(DomainDefinition definition, GuestPlaces places, CancellationToken cancel);

    /// <summary>What the host gave to a guest that runs, by its live definition.</summary>
    ValueTask<IReadOnlyList<IHostResource>> ReadResourcesAsync(DomainDefinition live, CancellationToken cancel);

    /// <summary>The devices of a guest that runs, by its live definition; one that was added to it gets an alias and an address that are
    /// free. The definition is changed.</summary>
    ValueTask<GuestDefinition> ReadLiveAsync(DomainDefinition live, CancellationToken cancel);

    /// <summary>Looks up on the host what devices refer to that are to be plugged.</summary>
    ValueTask PrepareAsync(IEnumerable<GuestDevice> devices, CancellationToken cancel);
}
