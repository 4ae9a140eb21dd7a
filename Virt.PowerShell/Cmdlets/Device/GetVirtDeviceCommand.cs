using System.Management.Automation;
using Virt.Domains;

namespace Virt.PowerShell;

/// <summary>Gets the devices of domains, of any type.</summary>
[Cmdlet(VerbsCommon.Get, "VirtDevice")]
[OutputType(typeof(VirtDevice), typeof(VirtDisk), typeof(VirtNic))]
public sealed class GetVirtDeviceCommand : DeviceCommand
{
    private const string AnyDevice = "Virt.PowerShell.VirtDevice#Any";

    /// <summary>Types: the names of elements, as rng, disk, controller.</summary>
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

    /// <summary>Those of the definition of the next start, also while the domain is active.</summary>
    [Parameter]
    public SwitchParameter Inactive { get; set; }

    internal override DeviceQuery Query => new(Type is null ? null : [.. Type.Select(DeviceTypes.Element)], Inactive);

    internal override void Work(VirtDomain domain, IReadOnlyList<VirtDevice>? given, IReadOnlyList<VirtDevice> devices)
    {
        IEnumerable<VirtDevice> chosen = given is null
            ? this.Choose(domain, devices, Alias, device => device.Alias, "device")
            : this.Current<VirtDevice>(domain, given, devices);
        foreach (VirtDevice device in chosen)
        {
            // One table for all: disks and cards among others are not shown in tables of their own.
            PSObject shown = PSObject.AsPSObject(device);
            shown.TypeNames.Insert(0, AnyDevice);
            WriteObject(shown);
        }
    }
}
