using System.Text.Json;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Daemon.Drivers.Qemu.Supervisor;

namespace Virt.Daemon.Drivers.Qemu.Hotplug;

/// <summary>A change of a device of a running guest.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="Run">Its run.</param>
/// <param name="Old">The device as it is.</param>
/// <param name="Changed">The device as it shall be.</param>
/// <param name="Names">What changes: names of children, or of attributes with an <c>@</c>.</param>
internal sealed record LiveChange(DomainSupervisor Domain, GuestRun Run, GuestDevice Old, GuestDevice Changed, IReadOnlySet<string> Names)
{
    /// <summary>Executes a command on the guest's monitor.</summary>
    public Task<JsonElement> ExecuteAsync(QmpCommand command) => Domain.ExecuteAsync(Run, command);
}
