using System.Management.Automation;
using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Starts domains; one with a managed save resumes from it.</summary>
[Cmdlet(VerbsLifecycle.Start, "VirtDomain", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(VirtDomain))]
public sealed class StartVirtDomainCommand : DomainChangeCommand
{
    /// <summary>Stays paused before the guest's first instruction.</summary>
    [Parameter]
    public SwitchParameter Paused { get; set; }

    /// <summary>Drops a managed save and boots afresh.</summary>
    [Parameter]
    public SwitchParameter ForceBoot { get; set; }

    /// <summary>Turns the domain off when this session's connection closes.</summary>
    [Parameter]
    public SwitchParameter AutoDestroy { get; set; }

    /// <summary>Starts with the firmware's variables anew from their template; boot entries and enrolled keys are lost.</summary>
    [Parameter]
    public SwitchParameter ResetNvram { get; set; }

    internal override string Activity => "Starting domains";

    internal override string Effect(VirtDomain domain) =>
        (ForceBoot && domain.HasSavedState ? "Drop the saved state of and start" : "Start")
        + $" domain '{domain.Name}'" + (ResetNvram ? " with new firmware variables" : "");

    internal override async Task<DomainRecord> ChangeAsync(VirtDomain domain, CancellationToken cancel)
    {
        StartOptions options = (Paused ? StartOptions.Paused : 0) | (ForceBoot ? StartOptions.ForceBoot : 0)
            | (AutoDestroy ? StartOptions.AutoDestroy : 0) | (ResetNvram ? StartOptions.ResetNvram : 0);
        try
        {
            return await CallAsync(
                domain, "StartDomain", (driver, token) => driver.StartDomainAsync(domain.Uuid, options, token), cancel)
                .ConfigureAwait(false);
        }
        catch (VirtInvalidStateException)
        {
            DomainRecord now = await NowAsync(domain, cancel).ConfigureAwait(false);
            if (now.State != (Paused ? DomainState.Paused : DomainState.Running))
                throw;
            WarnAlready(domain, Paused ? "paused" : "running");
            return now;
        }
    }
}
