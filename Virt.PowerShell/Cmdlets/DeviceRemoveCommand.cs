using System.Management.Automation;
using Virt.Domains;

namespace Virt.PowerShell;

/// <summary>The base of commands that take devices out; they wait until the guest has let go.</summary>
public abstract class DeviceRemoveCommand : DeviceChangeCommand
{
    /// <summary>How many seconds a running guest has to let go of the device.</summary>
    [Parameter]
    [Alias("Timeout")]
    [ValidateRange(1, 3600)]
    public int TimeoutSec { get; set; } = 20;

    /// <summary>Returns the device as it was.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>The devices that are meant.</summary>
    internal abstract IEnumerable<VirtDevice> Meant(VirtDomain domain, IReadOnlyList<VirtDevice>? given, IReadOnlyList<VirtDevice> devices);

    /// <summary>What else goes, as <c> and its image</c>.</summary>
    internal virtual string AndMore(VirtDevice device) => "";

    /// <summary>What comes after the device has gone.</summary>
    internal virtual Task AfterwardsAsync(VirtDevice device, CancellationToken cancel) => Task.CompletedTask;

    internal sealed override void Work(VirtDomain domain, IReadOnlyList<VirtDevice>? given, IReadOnlyList<VirtDevice> devices)
    {
        VirtDevice[] agreed =
        [
            .. Meant(domain, given, devices)
                .Where(device => Agreed(domain, $"Remove {device}{AndMore(device)} from {domain.State.InWords()} domain '{domain.Name}'")),
        ];
        BeginEach(agreed, RemoveAsync);
    }

    private async Task RemoveAsync(VirtDevice device, CancellationToken cancel)
    {
        DeviceChange change = await CallAsync(
            device.Domain, "DetachDevice",
            (driver, token) => driver.DetachDeviceAsync(device.Domain.Uuid, device.Xml, Scope, TimeSpan.FromSeconds(TimeoutSec), token),
            cancel).ConfigureAwait(false);
        Tell(change);
        await AfterwardsAsync(device, cancel).ConfigureAwait(false);
        if (PassThru)
            Emit(After(device.Domain, device.Type, change));
    }
}
