using System.Management.Automation;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Describes a network card for New-VirtDomain and Add-VirtNic; nothing is made.</summary>
[Cmdlet(VerbsCommon.New, "VirtNicSpec")]
[OutputType(typeof(InterfaceSpecification))]
public sealed class NewVirtNicSpecCommand : VirtCommand
{
    /// <summary>Where it leads: user, bridge:br0, network:default, direct:eth0.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(NicSpecCompleter))]
    [NicSpec]
    public InterfaceSpecification[] Network { get; set; } = [new("user")];

    /// <summary>The mode of a direct card.</summary>
    [Parameter]
    [ValidateSet("bridge", "vepa", "private", "passthrough")]
    public string? Mode { get; set; }

    /// <summary>The hardware address.</summary>
    [Parameter]
    [Alias("MacAddress")]
    [ValidateNotNullOrEmpty]
    public string? Mac { get; set; }

    /// <summary>The model that the guest sees.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NicModelCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Model { get; set; }

    /// <summary>The queues of a virtio card.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int? Queues { get; set; }

    /// <summary>The VLAN that its packets are tagged with.</summary>
    [Parameter]
    [ValidateRange(1, 4094)]
    public int? Vlan { get; set; }

    /// <summary>The largest packet, in bytes.</summary>
    [Parameter]
    [ValidateRange(68, 65535)]
    public int? Mtu { get; set; }

    /// <summary>Whether the cable is plugged in.</summary>
    [Parameter]
    public bool? Connected { get; set; }

    /// <summary>The most bytes a second into the guest.</summary>
    [Parameter]
    [Size]
    public long? InboundLimit { get; set; }

    /// <summary>The most bytes a second out of the guest.</summary>
    [Parameter]
    [Size]
    public long? OutboundLimit { get; set; }

    /// <summary>The network filter.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Filter { get; set; }

    /// <summary>Its place in the boot order, from 1.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int? BootOrder { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            foreach (InterfaceSpecification nic in Network)
            {
                WriteObject(nic with
                {
                    Mode = Mode ?? nic.Mode, Mac = NicSpec.Mac(Mac) ?? nic.Mac, Model = Model ?? nic.Model, Queues = Queues ?? nic.Queues,
                    Vlan = Vlan ?? nic.Vlan, Mtu = Mtu ?? nic.Mtu, Connected = Connected ?? nic.Connected,
                    InboundLimit = InboundLimit ?? nic.InboundLimit, OutboundLimit = OutboundLimit ?? nic.OutboundLimit,
                    Filter = Filter ?? nic.Filter, BootOrder = BootOrder ?? nic.BootOrder,
                });
            }
        }
        catch (FormatException malformed)
        {
            ThrowTerminatingError(ErrorMap.ToRecord(new VirtException(VirtErrorCode.InvalidArgument, malformed.Message), Mac));
        }
    }
}
