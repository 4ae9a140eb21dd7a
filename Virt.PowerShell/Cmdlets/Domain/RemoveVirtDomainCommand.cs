using System.Management.Automation;
using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Removes domains: definition, managed save, snapshot metadata, NVRAM and TPM state. Disks stay unless they are to go.</summary>
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

    /// <summary>Keeps the state of the TPM.</summary>
    [Parameter]
    public SwitchParameter KeepTpm { get; set; }

    /// <summary>Deletes the images in the host's images folder that this domain alone used.</summary>
    [Parameter]
    public SwitchParameter DeleteStorage { get; set; }

    internal override string Activity => "Removing domains";

    internal override string Effect(VirtDomain domain)
    {
        string name = $"{domain.State.InWords()} domain '{domain.Name}'" + (domain.HasSavedState ? " and its saved state" : "")
            + (DeleteStorage ? " and its disk images" : "");
        return Force && domain.IsActive ? $"Turn off and remove {name}" : $"Remove {name}";
    }

    internal override async Task<DomainRecord> ChangeAsync(VirtDomain domain, CancellationToken cancel)
    {
        DomainRecord now = await NowAsync(domain, cancel).ConfigureAwait(false);
        if (now.IsActive && !Force)
            throw Active(now);
        IReadOnlyList<string> images = DeleteStorage ? await OwnImagesAsync(domain, cancel).ConfigureAwait(false) : [];
        DomainRecord after = await RemoveAsync(domain, now, cancel).ConfigureAwait(false);
        foreach (string image in images)
            await DeleteAsync(domain, image, cancel).ConfigureAwait(false);
        return after;
    }

    private async Task<DomainRecord> RemoveAsync(VirtDomain domain, DomainRecord now, CancellationToken cancel)
    {
        if (now.IsActive)
        {
            DomainRecord? off = await TurnOffAsync(domain, cancel).ConfigureAwait(false);
            if (!now.Persistent)
                return off ?? now;
        }

        UndefineOptions options = UndefineOptions.ManagedSave | UndefineOptions.SnapshotsMetadata
            | (KeepNvram ? UndefineOptions.KeepNvram : UndefineOptions.Nvram)
            | (KeepTpm ? UndefineOptions.KeepTpm : UndefineOptions.Tpm);
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

    // What another domain names too is not this one's alone: all are asked about in one call.
    private async Task<IReadOnlyList<string>> OwnImagesAsync(VirtDomain domain, CancellationToken cancel)
    {
        var own = new HashSet<string>(StringComparer.Ordinal);
        var others = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (bool inactive in (bool[])[false, true])
        {
            IReadOnlyList<DomainDeviceList> lists = await CallAsync(
                domain, "ListDomainDevices",
                (driver, token) => driver.ListDomainDevicesAsync(new DomainFilter(), new DeviceQuery(["disk"], inactive), token), cancel)
                .ConfigureAwait(false);
            foreach (DomainDeviceList list in lists)
            {
                foreach (DeviceRecord record in list.Devices)
                {
                    var disk = new VirtDisk(domain, record);
                    if (disk.RawPath is not { } path || disk.SourceType != "file")
                        continue;
                    if (list.Uuid != domain.Uuid || disk.Shareable)
                        others[path] = list.Name;
                    else if (disk.Device == "disk" || Path.GetFileName(path) == ImagePlan.SeedName(domain.Name))
                        own.Add(path);
                }
            }
        }

        foreach (string path in own.Where(others.ContainsKey))
            Warn($"The image '{path}' of '{domain.Name}' is left on {domain.VirtHost.Name}: {(others[path] == domain.Name ? "it is shareable" : $"'{others[path]}' uses it too")}.");
        return [.. own.Except(others.Keys).Order(StringComparer.Ordinal)];
    }

    private async Task DeleteAsync(VirtDomain domain, string image, CancellationToken cancel)
    {
        try
        {
            await DeleteImageAsync(domain.VirtHost, image, cancel).ConfigureAwait(false);
        }
        catch (VirtException refused) when (refused is not VirtConnectionException)
        {
            Warn($"The image '{image}' of '{domain.Name}' is left on {domain.VirtHost.Name}: {ErrorMap.Sentence(refused.Message)}");
        }
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
