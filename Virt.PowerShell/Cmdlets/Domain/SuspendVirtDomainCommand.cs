using System.Management.Automation;
using Virt.Domains;

namespace Virt.PowerShell;

/// <summary>Pauses domains: their virtual CPUs stop, their memory stays.</summary>
[Cmdlet(VerbsLifecycle.Suspend, "VirtDomain", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(VirtDomain))]
public sealed class SuspendVirtDomainCommand : DomainChangeCommand
{
    internal override string Activity => "Suspending domains";

    internal override string Effect(VirtDomain domain) => $"Pause {domain.State.InWords()} domain '{domain.Name}'";

    internal override async Task<DomainRecord> ChangeAsync(VirtDomain domain, CancellationToken cancel)
    {
        // The driver leaves a paused domain as it is and says nothing; the user is to hear of it.
        DomainRecord now = await NowAsync(domain, cancel).ConfigureAwait(false);
        if (now.State == DomainState.Paused)
        {
            WarnAlready(domain, "paused");
            return now;
        }

        return await CallAsync(
            domain, "SuspendDomain", (driver, token) => driver.SuspendDomainAsync(domain.Uuid, token), cancel)
            .ConfigureAwait(false);
    }
}
