using System.Management.Automation;
using Virt.Domains;

namespace Virt.PowerShell;

/// <summary>Gets the network cards of domains.</summary>
[Cmdlet(VerbsCommon.Get, "VirtNic")]
[OutputType(typeof(VirtNic))]
public sealed class GetVirtNicCommand : DeviceCommand
{
    /// <summary>MAC addresses, also with wildcards.</summary>
    [Parameter(Position = 1)]
    [Alias("MacAddress")]
    [ArgumentCompleter(typeof(NicMacCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Mac { get; set; }

    /// <summary>Those of the definition of the next start, also while the domain is active.</summary>
    [Parameter]
    public SwitchParameter Inactive { get; set; }

    /// <summary>Only what the definition says: addresses in the guest are not looked up.</summary>
    [Parameter]
    public SwitchParameter Brief { get; set; }

    internal override DeviceQuery Query => new(["interface"], Inactive, !Brief);

    internal override void Work(VirtDomain domain, IReadOnlyList<VirtDevice>? given, IReadOnlyList<VirtDevice> devices)
    {
        IEnumerable<VirtNic> nics = given is null
            ? this.Choose(domain, devices.OfType<VirtNic>(), Mac, nic => nic.MacAddress, "network card")
            : this.Current<VirtNic>(domain, given, devices);
        foreach (VirtNic nic in nics)
            WriteObject(nic);
    }
}
