using System.Management.Automation;
using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Lets paused domains run again.</summary>
[Cmdlet(VerbsLifecycle.Resume, "VirtDomain", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(VirtDomain))]
public sealed class ResumeVirtDomainCommand : DomainChangeCommand
{
    internal override string Activity => "Resuming domains";

    internal override string Effect(VirtDomain domain) => $"Resume {domain.State.InWords()} domain '{domain.Name}'";

    internal override async Task<DomainRecord> ChangeAsync(VirtDomain domain, CancellationToken cancel)
    {
        try
        {
            return await CallAsync(
                domain, "ResumeDomain", (driver, token) => driver.ResumeDomainAsync(domain.Uuid, token), cancel)
                .ConfigureAwait(false);
        }
        catch (VirtInvalidStateException)
        {
            DomainRecord now = await NowAsync(domain, cancel).ConfigureAwait(false);
            if (now.State != DomainState.Running)
                throw;
            WarnAlready(domain, "running");
            return now;
        }
    }
}
