using System.Management.Automation;
using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>
/// Stops domains: asks the guests and waits until they are off. All are asked at once, and events tell when they are off.
/// </summary>
[Cmdlet(
    VerbsLifecycle.Stop, "VirtDomain", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium,
    DefaultParameterSetName = ShutdownSet)]
[OutputType(typeof(VirtDomain))]
public sealed class StopVirtDomainCommand : DomainChangeCommand
{
    private const string ShutdownSet = "Shutdown";
    private const string NoWaitSet = "NoWait";
    private const string TurnOffSet = "TurnOff";
    private const string SaveSet = "Save";

    // Not of the enumeration's type: see ModuleStart.
    private int _mode;

    /// <summary>How the guest is asked: by the ACPI power button, or through the guest agent.</summary>
    [Parameter(ParameterSetName = ShutdownSet)]
    [Parameter(ParameterSetName = NoWaitSet)]
    public ShutdownMode Mode
    {
        get => (ShutdownMode)_mode;
        set => _mode = (int)value;
    }

    /// <summary>How many seconds a guest has to shut down.</summary>
    [Parameter(ParameterSetName = ShutdownSet)]
    [Alias("Timeout")]
    [ValidateRange(0, 2_000_000)]
    public int TimeoutSec { get; set; } = 60;

    /// <summary>Turns the domain off when the time is up.</summary>
    [Parameter(ParameterSetName = ShutdownSet)]
    public SwitchParameter Force { get; set; }

    /// <summary>Only asks, and does not wait.</summary>
    [Parameter(ParameterSetName = NoWaitSet, Mandatory = true)]
    public SwitchParameter NoWait { get; set; }

    /// <summary>Turns the domain off at once, as pulling the plug does.</summary>
    [Parameter(ParameterSetName = TurnOffSet, Mandatory = true)]
    public SwitchParameter TurnOff { get; set; }

    /// <summary>Saves the guest's memory; the next start resumes from there.</summary>
    [Parameter(ParameterSetName = SaveSet, Mandatory = true)]
    public SwitchParameter Save { get; set; }

    internal override string Activity => "Stop domains";

    internal override string Effect(VirtDomain domain)
    {
        string name = $"{domain.State.InWords()} domain '{domain.Name}'";
        if (!domain.IsActive)
            return $"Leave {name}, which is already off,";
        return ParameterSetName switch
        {
            TurnOffSet => $"Turn off {name}",
            SaveSet => $"Save the memory of and turn off {name}",
            _ when Force => $"Shut down {name}, or turn it off after {TimeoutSec} s,",
            _ => $"Shut down {name}",
        };
    }

    internal override async Task<DomainRecord> ChangeAsync(VirtDomain domain, CancellationToken cancel)
    {
        try
        {
            return await (ParameterSetName switch
            {
                TurnOffSet => TurnOffAsync(domain, cancel),
                SaveSet => CallAsync(domain, "SaveDomain", (driver, token) => driver.SaveDomainAsync(domain.Uuid, token), cancel),
                NoWaitSet => ShutdownAsync(domain, cancel),
                _ => ShutdownAndWaitAsync(domain, cancel),
            }).ConfigureAwait(false);
        }
        catch (VirtInvalidStateException)
        {
            DomainRecord now = await NowAsync(domain, cancel).ConfigureAwait(false);
            if (now.IsActive)
                throw;
            WarnAlready(domain, "off");
            return now;
        }
    }

    private Task<DomainRecord> ShutdownAsync(VirtDomain domain, CancellationToken cancel) =>
        CallAsync(domain, "ShutdownDomain", (driver, token) => driver.ShutdownDomainAsync(domain.Uuid, Mode, token), cancel);

    private Task<DomainRecord> TurnOffAsync(VirtDomain domain, CancellationToken cancel) =>
        CallAsync(
            domain, "DestroyDomain", (driver, token) => driver.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, token), cancel);

    private async Task<DomainRecord> ShutdownAndWaitAsync(VirtDomain domain, CancellationToken cancel)
    {
        LifecycleWatcher watcher = await Watchers.ForAsync(domain.VirtHost).ConfigureAwait(false);
        using LifecycleWatcher.Expectation off = watcher.Expect(
            domain, happened => happened.Kind == DomainEventKind.Stopped);
        DomainRecord asked = await ShutdownAsync(domain, cancel).ConfigureAwait(false);
        if (!asked.IsActive)
            return asked;
        try
        {
            return (await off.WaitAsync(TimeSpan.FromSeconds(TimeoutSec), cancel).ConfigureAwait(false)).Domain;
        }
        catch (TimeoutException) when (Force)
        {
            Verbose($"The domain '{domain.Name}' did not shut down within {TimeoutSec} s and is turned off.");
            return await ForceOffAsync(domain, cancel).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new VirtException(
                VirtErrorCode.OperationTimeout,
                $"the domain '{domain.Name}' on {domain.VirtHost.Name} did not shut down within {TimeoutSec} s", domain.Name,
                "The guest may ignore the power button. Wait longer with -TimeoutSec, or turn it off with -Force or -TurnOff.");
        }
    }

    private async Task<DomainRecord> ForceOffAsync(VirtDomain domain, CancellationToken cancel)
    {
        try
        {
            return await TurnOffAsync(domain, cancel).ConfigureAwait(false);
        }
        catch (VirtInvalidStateException)
        {
            // It went off by itself just now, which is what was wanted.
            DomainRecord now = await NowAsync(domain, cancel).ConfigureAwait(false);
            return now.IsActive ? throw new VirtException(
                VirtErrorCode.OperationFailed, $"the domain '{domain.Name}' could not be turned off", domain.Name) : now;
        }
    }
}
