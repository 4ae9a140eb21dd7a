using System.Management.Automation;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Takes network cards out of domains.</summary>
[Cmdlet(VerbsCommon.Remove, "VirtNic", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(VirtNic))]
public sealed class RemoveVirtNicCommand : DeviceRemoveCommand
{
    /// <summary>MAC addresses, also with wildcards.</summary>
    [Parameter(Position = 1)]
    [Alias("MacAddress")]
    [ArgumentCompleter(typeof(NicMacCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Mac { get; set; }

    internal override string Kind => "interface";

    internal override IEnumerable<VirtDevice> Meant(VirtDomain domain, IReadOnlyList<VirtDevice>? given, IReadOnlyList<VirtDevice> devices)
    {
        if (given is not null)
            return this.Current<VirtNic>(domain, given, devices);
        if (Mac is not null)
            return this.Choose(domain, devices.OfType<VirtNic>(), Mac, nic => nic.MacAddress, "network card");
        Fail(
            VirtException.Create(
                VirtErrorCode.InvalidArgument, $"which network cards of '{domain.Name}' go was not said", domain.Name,
                "Name them with -Mac, also with wildcards, or pipe the cards themselves."),
            domain);
        return [];
    }
}
