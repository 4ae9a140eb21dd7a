using System.Management.Automation;
using System.Xml.Linq;
using Virt.Domains;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Adds network cards to domains.</summary>
[Cmdlet(VerbsCommon.Add, "VirtNic", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(VirtNic))]
public sealed class AddVirtNicCommand : DeviceChangeCommand
{
    private InterfaceSpecification[] _nics = [];

    /// <summary>Where the cards lead: user, bridge:br0, network:default, direct:eth0, or hashtables.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Alias("Nic")]
    [ArgumentCompleter(typeof(NicSpecCompleter))]
    [NicSpec]
    public InterfaceSpecification[] Network { get; set; } = [];

    /// <summary>The hardware address; without it one is made.</summary>
    [Parameter]
    [Alias("MacAddress")]
    [ValidateNotNullOrEmpty]
    public string? Mac { get; set; }

    /// <summary>The model that the guest sees.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NicModelCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Model { get; set; }

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

    internal override string Kind => "interface";

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        try
        {
            if (Mac is not null && Network.Length != 1)
                throw new FormatException("-Mac is for one card.");
            if (Network.Any(nic => nic.Type == NicSpec.None))
                throw new FormatException("'none' is no card to add.");
            _nics = [.. Network.Select(Completed)];
        }
        catch (FormatException malformed)
        {
            ThrowTerminatingError(ErrorMap.ToRecord(new VirtException(VirtErrorCode.InvalidArgument, malformed.Message), null));
        }
    }

    internal override void Work(VirtDomain domain, IReadOnlyList<VirtDevice>? given, IReadOnlyList<VirtDevice> devices)
    {
        InterfaceSpecification[] agreed =
            [.. _nics.Where(nic => Agreed(domain, $"Add network card on {nic.Describe()} to domain '{domain.Name}'"))];
        BeginEach(agreed, (nic, cancel) => AttachAsync(domain, nic, cancel));
    }

    private InterfaceSpecification Completed(InterfaceSpecification nic) => nic with
    {
        Mac = NicSpec.Mac(Mac) ?? nic.Mac,
        Model = Model ?? nic.Model,
        Vlan = Vlan ?? nic.Vlan,
        Mtu = Mtu ?? nic.Mtu,
        Connected = Connected ?? nic.Connected,
        InboundLimit = InboundLimit ?? nic.InboundLimit,
        OutboundLimit = OutboundLimit ?? nic.OutboundLimit,
        Filter = Filter ?? nic.Filter,
    };

    private async Task AttachAsync(VirtDomain domain, InterfaceSpecification nic, CancellationToken cancel)
    {
        string xml = InterfaceXml.Build(nic).ToString();
        DeviceChange change = await CallAsync(
            domain, "AttachDevice", (driver, token) => driver.AttachDeviceAsync(domain.Uuid, xml, Scope, token), cancel)
            .ConfigureAwait(false);
        Tell(change);
        Emit(After(domain, Kind, change));
    }
}
