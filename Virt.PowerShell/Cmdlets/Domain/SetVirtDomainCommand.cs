using System.Management.Automation;
using System.Security;
using System.Xml.Linq;
using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Changes domains; what is not given stays as it is.</summary>
[Cmdlet(VerbsCommon.Set, "VirtDomain", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(VirtDomain))]
public sealed class SetVirtDomainCommand : DomainChangeCommand
{
    private DomainChange _change = new();

    // Not of the enumerations' types: see ModuleStart.
    private int? _onPoweroff;
    private int? _onReboot;
    private int? _onCrash;
    private int _scope;

    /// <summary>Memory: bytes, or text such as '2G'.</summary>
    [Parameter]
    [Size]
    public long? Memory { get; set; }

    /// <summary>The most memory it may have; for the next start.</summary>
    [Parameter]
    [Size]
    [Alias("MaxMemory")]
    public long? MaximumMemory { get; set; }

    /// <summary>Virtual CPUs.</summary>
    [Parameter]
    [ValidateRange(1, 4096)]
    public int? VCpu { get; set; }

    /// <summary>The most virtual CPUs it may have; for the next start.</summary>
    [Parameter]
    [ValidateRange(1, 4096)]
    [Alias("MaxVCpu")]
    public int? MaximumVCpu { get; set; }

    /// <summary>A title of one line; empty removes it.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? Title { get; set; }

    /// <summary>A description; empty removes it.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? Description { get; set; }

    /// <summary>Whether it starts with its host.</summary>
    [Parameter]
    public bool? Autostart { get; set; }

    /// <summary>What happens when the guest powers off.</summary>
    [Parameter]
    public LifecycleAction? OnPoweroff
    {
        get => (LifecycleAction?)_onPoweroff;
        set => _onPoweroff = (int?)value;
    }

    /// <summary>What happens when the guest reboots.</summary>
    [Parameter]
    public LifecycleAction? OnReboot
    {
        get => (LifecycleAction?)_onReboot;
        set => _onReboot = (int?)value;
    }

    /// <summary>What happens when the guest crashes.</summary>
    [Parameter]
    public LifecycleAction? OnCrash
    {
        get => (LifecycleAction?)_onCrash;
        set => _onCrash = (int?)value;
    }

    /// <summary>The kinds of device to boot from, in order: hd, cdrom, network, fd.</summary>
    [Parameter]
    [ValidateSet("hd", "cdrom", "network", "fd")]
    [ValidateNotNullOrEmpty]
    public string[]? BootOrder { get; set; }

    /// <summary>An element in a namespace of its own to keep with the domain, in the place of one with the same namespace.</summary>
    [Parameter]
    [ValidateNotNull]
    public DomainXml? Metadata { get; set; }

    /// <summary>The namespace of the metadata to remove.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? RemoveMetadata { get; set; }

    /// <summary>The password of its displays; an empty one takes it away.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? GraphicsPassword { get; set; }

    /// <summary>Where the change goes: the running guest, the definition, or both.</summary>
    [Parameter]
    public ChangeScope Scope
    {
        get => (ChangeScope)_scope;
        set => _scope = (int)value;
    }

    internal override string Activity => "Changing domains";

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _change = new DomainChange(
            Memory, MaximumMemory, VCpu, MaximumVCpu, Title, Description, Autostart, OnPoweroff, OnReboot, OnCrash, BootOrder,
            Metadata is null ? null : ReadMetadata(Metadata), RemoveMetadata);
        if (_change == new DomainChange() && GraphicsPassword is null)
        {
            ThrowTerminatingError(ErrorMap.ToRecord(
                new VirtException(
                    VirtErrorCode.InvalidArgument, "nothing to change was given", null,
                    "Name at least one thing to change, for example -Memory 2GB or -Autostart $true."),
                null));
        }
    }

    internal override string Effect(VirtDomain domain) =>
        $"Set {string.Join(", ", Parts())} of domain '{domain.Name}'{(Scope == ChangeScope.Current ? "" : $" ({Scope})")}";

    internal override async Task<DomainRecord> ChangeAsync(VirtDomain domain, CancellationToken cancel)
    {
        DomainRecord? after = null;
        if (_change != new DomainChange())
        {
            after = await CallAsync(
                domain, "ChangeDomain", (driver, token) => driver.ChangeDomainAsync(domain.Uuid, _change, Scope, token), cancel)
                .ConfigureAwait(false);
        }

        return GraphicsPassword is null ? after! : await SetPasswordAsync(domain, cancel).ConfigureAwait(false);
    }

    private async Task<DomainRecord> SetPasswordAsync(VirtDomain domain, CancellationToken cancel)
    {
        var query = new DeviceQuery(["graphics"], Inactive: Scope == ChangeScope.Config);
        IReadOnlyList<DomainDeviceList> lists = await CallAsync(
            domain, "ListDomainDevices",
            (driver, token) => driver.ListDomainDevicesAsync(new DomainFilter(Uuids: [domain.Uuid]), query, token), cancel)
            .ConfigureAwait(false);
        DomainRecord? after = null;
        foreach (DeviceRecord display in lists.SelectMany(list => list.Devices))
        {
            XElement element = XElement.Parse(display.Xml);
            string type = (string?)element.Attribute("type") ?? "";
            if (type is not ("vnc" or "spice"))
                continue;
            string password = GraphicsSpec.Reveal(GraphicsPassword)!;
            GraphicsSpec.CheckPassword(type, password);
            element.SetAttributeValue("passwd", password.Length == 0 ? null : password);
            DeviceChange change = await CallAsync(
                domain, "UpdateDevice", (driver, token) => driver.UpdateDeviceAsync(domain.Uuid, element.ToString(), Scope, token), cancel)
                .ConfigureAwait(false);
            foreach (string note in change.Notes)
            {
                if (Scope == change.Applied)
                    Verbose(ErrorMap.Sentence(note));
                else
                    Warn(ErrorMap.Sentence(note));
            }

            after = change.Domain;
        }

        return after ?? throw VirtException.Create(
            VirtErrorCode.DeviceMissing, $"the domain '{domain.Name}' has no display that takes a password", domain.Name,
            $"Add one: Add-VirtDevice '{domain.Name}' Graphics @{{ Kind = 'vnc' }} -Scope Config.");
    }

    private string? ReadMetadata(DomainXml metadata)
    {
        try
        {
            return XmlText.ToMetadata(metadata).ToString();
        }
        catch (Exception malformed) when (malformed is VirtException or IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(ErrorMap.ToRecord(malformed, metadata));
            return null;
        }
    }

    private IEnumerable<string> Parts()
    {
        if (Memory is { } memory)
            yield return $"memory to {SizeText.Humanise(memory)}";
        if (MaximumMemory is { } maximum)
            yield return $"maximum memory to {SizeText.Humanise(maximum)}";
        if (VCpu is not null)
            yield return $"virtual CPUs to {VCpu}";
        if (MaximumVCpu is not null)
            yield return $"maximum virtual CPUs to {MaximumVCpu}";
        if (Title is not null)
            yield return $"title to '{Title}'";
        if (Description is not null)
            yield return "description";
        if (Autostart is not null)
            yield return $"autostart to {Autostart}";
        if (OnPoweroff is not null)
            yield return $"on poweroff to {OnPoweroff}";
        if (OnReboot is not null)
            yield return $"on reboot to {OnReboot}";
        if (OnCrash is not null)
            yield return $"on crash to {OnCrash}";
        if (BootOrder is not null)
            yield return $"boot order to {string.Join(", ", BootOrder)}";
        if (_change.Metadata is not null)
            yield return "metadata";
        if (RemoveMetadata is not null)
            yield return $"no metadata of '{RemoveMetadata}'";
        if (GraphicsPassword is not null)
            yield return "display password";
    }
}
