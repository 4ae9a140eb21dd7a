using System.Management.Automation;
using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Removes domains: definition, managed save, snapshot metadata and NVRAM. Disks stay.</summary>
[Cmdlet(VerbsCommon.Remove, "VirtDomain", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(VirtDomain))]
public sealed class RemoveVirtDomainCommand : DomainChangeCommand
{
    /// <summary>Turns an active domain off first; without it, an active domain is an error.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Keeps the NVRAM file.</summary>
    [Parameter]
    public SwitchParameter KeepNvram { get; set; }

    internal override string Activity => "Removing domains";

    internal override string Effect(VirtDomain domain)
    {
        string name = $"{domain.State.InWords()} domain '{domain.Name}'" + (domain.HasSavedState ? " and its saved state" : "");
        return Force && domain.IsActive ? $"Turn off and remove {name}" : $"Remove {name}";
    }

    internal override async Task<DomainRecord> ChangeAsync(VirtDomain domain, CancellationToken cancel)
    {
        DomainRecord now = await NowAsync(domain, cancel).ConfigureAwait(false);
        if (now.IsActive)
        {
            if (!Force)
                throw Active(now);
            DomainRecord? off = await TurnOffAsync(domain, cancel).ConfigureAwait(false);
            if (!now.Persistent)
                return off ?? now;
        }

        UndefineOptions options = UndefineOptions.ManagedSave | UndefineOptions.SnapshotsMetadata
            | (KeepNvram ? UndefineOptions.KeepNvram : UndefineOptions.Nvram);
        await CallAsync(
            domain, "UndefineDomain",
            async (driver, token) =>
            {
                await driver.UndefineDomainAsync(domain.Uuid, options, token).ConfigureAwait(false);
                return true;
            },
            cancel).ConfigureAwait(false);
        return now with { Id = null, State = DomainState.Shutoff, Persistent = false, HasSavedState = false, StartedAt = null };
    }

    private async Task<DomainRecord?> TurnOffAsync(VirtDomain domain, CancellationToken cancel)
    {
        try
        {
            return await CallAsync(
                domain, "DestroyDomain", (driver, token) => driver.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, token),
                cancel)
                .ConfigureAwait(false);
        }
        catch (Exception wentOff) when (wentOff is VirtInvalidStateException or VirtNotFoundException)
        {
            // It went off by itself meanwhile; undefining says whether something is still in the way.
            return null;
        }
    }

    private static VirtException Active(DomainRecord now) => VirtException.Create(
        VirtErrorCode.OperationInvalid, $"the domain '{now.Name}' is {now.State.InWords()}; only a domain that is off is removed",
        now.Name,
        $"Stop it first (Stop-VirtDomain '{now.Name}'), or add -Force to turn it off and remove it.");
}
