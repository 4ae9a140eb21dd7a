using System.Management.Automation;
using Virt.Domains;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Takes devices of any type out of domains.</summary>
[Cmdlet(VerbsCommon.Remove, "VirtDevice", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(VirtDevice), typeof(VirtDisk), typeof(VirtNic))]
public sealed class RemoveVirtDeviceCommand : DeviceRemoveCommand
{
    /// <summary>Types, as rng or watchdog.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(DeviceTypeCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Type { get; set; }

    /// <summary>Aliases, also with wildcards.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DeviceAliasCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Alias { get; set; }

    /// <summary>The element of the device.</summary>
    [Parameter]
    [ValidateNotNull]
    public DomainXml? Xml { get; set; }

    internal override string Kind => "";

    internal override DeviceQuery Query =>
        new(Type is null ? null : [.. Type.Select(DeviceTypes.Element)], Inactive: Scope == ChangeScope.Config);

    internal override IEnumerable<VirtDevice> Meant(VirtDomain domain, IReadOnlyList<VirtDevice>? given, IReadOnlyList<VirtDevice> devices)
    {
        if (given is not null)
            return this.Current<VirtDevice>(domain, given, devices);
        if (Xml is not null)
            return ByXml(domain, devices);
        if (Alias is not null)
            return this.Choose(domain, devices, Alias, device => device.Alias, "device");
        if (Type is not null)
            return this.Choose(domain, devices, [.. Type.Select(DeviceTypes.Element)], device => device.Type, "device of the type");
        Fail(
            VirtException.Create(
                VirtErrorCode.InvalidArgument, $"which devices of '{domain.Name}' go was not said", domain.Name,
                "Say it with -Alias, -Type or -Xml, or pipe the devices themselves."),
            domain);
        return [];
    }

    private VirtDevice[] ByXml(VirtDomain domain, IReadOnlyList<VirtDevice> devices)
    {
        try
        {
            VirtDevice[] same = [.. DeviceXml.Same(domain, DeviceXml.Parse(Xml!), devices)];
            if (same.Length == 1)
                return same;
            Fail(
                VirtException.Create(
                    same.Length == 0 ? VirtErrorCode.DeviceMissing : VirtErrorCode.InvalidArgument,
                    $"the domain '{domain.Name}' has {same.Length} devices that the XML could mean", domain.Name,
                    $"Get-VirtDevice '{domain.Name}' lists its devices."),
                domain);
        }
        catch (Exception malformed) when (malformed is VirtException or IOException or UnauthorizedAccessException)
        {
            Fail(malformed, Xml);
        }

        return [];
    }
}
