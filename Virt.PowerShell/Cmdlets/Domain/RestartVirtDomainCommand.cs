using System.Management.Automation;
using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>
/// Restarts domains: asks the guest to reboot, shuts down and starts with -Wait, or resets the machine with -Force.
/// </summary>
[Cmdlet(
    VerbsLifecycle.Restart, "VirtDomain", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium,
    DefaultParameterSetName = RebootSet)]
[OutputType(typeof(VirtDomain))]
public sealed class RestartVirtDomainCommand : DomainChangeCommand
{
    private const string RebootSet = "Reboot";
    private const string WaitSet = "Wait";
    private const string ResetSet = "Reset";

    // Not of the enumeration's type: see ModuleStart.
    private int _mode;

    /// <summary>How the guest is asked: by the ACPI power button, or through the guest agent.</summary>
    [Parameter(ParameterSetName = RebootSet)]
    [Parameter(ParameterSetName = WaitSet)]
    public ShutdownMode Mode
    {
        get => (ShutdownMode)_mode;
        set => _mode = (int)value;
    }

    /// <summary>Resets the machine without asking the guest.</summary>
    [Parameter(ParameterSetName = ResetSet, Mandatory = true)]
    public SwitchParameter Force { get; set; }

    /// <summary>Shuts the guest down, waits until it is off and starts it again with its current definition.</summary>
    [Parameter(ParameterSetName = WaitSet, Mandatory = true)]
    public SwitchParameter Wait { get; set; }

    /// <summary>How many seconds the guest has to shut down.</summary>
    [Parameter(ParameterSetName = WaitSet)]
    [Alias("Timeout")]
    [ValidateRange(0, 2_000_000)]
    public int TimeoutSec { get; set; } = 60;

    internal override string Activity => "Restarting domains";

    internal override string Effect(VirtDomain domain)
    {
        string name = $"{domain.State.InWords()} domain '{domain.Name}'";
        return ParameterSetName switch
        {
            ResetSet => $"Reset {name}",
            WaitSet => $"Shut down and start {name}",
            _ => $"Reboot {name}",
        };
    }

    internal override Task<DomainRecord> ChangeAsync(VirtDomain domain, CancellationToken cancel) => ParameterSetName switch
    {
        ResetSet => CallAsync(domain, "ResetDomain", (driver, token) => driver.ResetDomainAsync(domain.Uuid, token), cancel),
        WaitSet => ShutdownAndStartAsync(domain, cancel),
        _ => CallAsync(domain, "RebootDomain", (driver, token) => driver.RebootDomainAsync(domain.Uuid, Mode, token), cancel),
    };

    private async Task<DomainRecord> ShutdownAndStartAsync(VirtDomain domain, CancellationToken cancel)
    {
        if (!(await NowAsync(domain, cancel).ConfigureAwait(false)).Persistent)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationInvalid, $"the domain '{domain.Name}' is transient: once off, it cannot be started again",
                domain.Name,
                "Use Restart-VirtDomain without -Wait.");
        }

        LifecycleWatcher watcher = await Watchers.ForAsync(domain.VirtHost).ConfigureAwait(false);
        using LifecycleWatcher.Expectation off = watcher.Expect(
            domain, happened => happened.Kind == DomainEventKind.Stopped);
        DomainRecord asked = await CallAsync(
            domain, "ShutdownDomain", (driver, token) => driver.ShutdownDomainAsync(domain.Uuid, Mode, token), cancel)
            .ConfigureAwait(false);
        try
        {
            if (asked.IsActive)
                await off.WaitAsync(TimeSpan.FromSeconds(TimeoutSec), cancel).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new VirtException(
                VirtErrorCode.OperationTimeout,
                $"the domain '{domain.Name}' on {domain.VirtHost.Name} did not shut down within {TimeoutSec} s", domain.Name,
                "Wait longer with -TimeoutSec, or reset it with Restart-VirtDomain -Force.");
        }

        return await CallAsync(
            domain, "StartDomain", (driver, token) => driver.StartDomainAsync(domain.Uuid, StartOptions.None, token), cancel)
            .ConfigureAwait(false);
    }
}
