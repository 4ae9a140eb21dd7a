using System.Management.Automation;
using Virt.Domains;

namespace Virt.PowerShell;

/// <summary>Renames a domain that is off.</summary>
[Cmdlet(VerbsCommon.Rename, "VirtDomain", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(VirtDomain))]
public sealed class RenameVirtDomainCommand : DomainChangeCommand
{
    /// <summary>The new name.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string NewName { get; set; } = "";

    internal override string Activity => "Renaming domains";

    internal override string Effect(VirtDomain domain) => $"Rename domain '{domain.Name}' to '{NewName}'";

    internal override async Task<DomainRecord> ChangeAsync(VirtDomain domain, CancellationToken cancel)
    {
        if (domain.Name == NewName)
        {
            WarnAlready(domain, "called so");
            return domain.Record;
        }

        return await CallAsync(
            domain, "RenameDomain", (driver, token) => driver.RenameDomainAsync(domain.Uuid, NewName, token), cancel)
            .ConfigureAwait(false);
    }
}
