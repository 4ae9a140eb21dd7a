using System.Management.Automation;
using System.Xml.Linq;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.PowerShell;

/// <summary>Changes network cards: the cable, where they lead, limits, and what the guest sees.</summary>
[Cmdlet(VerbsCommon.Set, "VirtNic", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(VirtNic))]
public sealed class SetVirtNicCommand : DeviceEditCommand
{
    private static readonly string[] OfTheSource = ["source", "virtualport", "portForward"];

    /// <summary>MAC addresses of the cards to change, also with wildcards; not needed where there is one card.</summary>
    [Parameter(Position = 1)]
    [Alias("MacAddress")]
    [ArgumentCompleter(typeof(NicMacCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Mac { get; set; }

    /// <summary>Whether the cable is plugged in.</summary>
    [Parameter]
    public bool? Connected { get; set; }

    /// <summary>Where the card leads: user, bridge:br0, network:default, direct:eth0, or a hashtable.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NicSpecCompleter))]
    [NicSpec]
    public InterfaceSpecification[]? Network { get; set; }

    /// <summary>The model that the guest sees.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NicModelCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Model { get; set; }

    /// <summary>The most bytes a second into the guest; 0 for no limit.</summary>
    [Parameter]
    [Size(AllowZero = true)]
    public long? InboundLimit { get; set; }

    /// <summary>The most bytes a second out of the guest; 0 for no limit.</summary>
    [Parameter]
    [Size(AllowZero = true)]
    public long? OutboundLimit { get; set; }

    /// <summary>The largest packet, in bytes.</summary>
    [Parameter]
    [ValidateRange(68, 65535)]
    public int? Mtu { get; set; }

    /// <summary>The network filter; empty for none.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? Filter { get; set; }

    /// <summary>Its place in the boot order, from 1; 0 for none.</summary>
    [Parameter]
    [ValidateRange(0, 1000)]
    public int? BootOrder { get; set; }

    internal override string Kind => "interface";

    internal override string Example => "Name at least one thing to change, for example -Connected $false or -InboundLimit 10MB.";

    internal override IEnumerable<VirtDevice> Meant(VirtDomain domain, IReadOnlyList<VirtDevice>? given, IReadOnlyList<VirtDevice> devices)
    {
        if (given is not null)
            return this.Current<VirtNic>(domain, given, devices);
        VirtNic[] nics = [.. devices.OfType<VirtNic>()];
        if (Mac is not null)
            return this.Choose(domain, nics, Mac, nic => nic.MacAddress, "network card");
        if (nics.Length == 1)
            return nics;
        Fail(
            VirtException.Create(
                VirtErrorCode.InvalidArgument, $"the domain '{domain.Name}' has {nics.Length} network cards", domain.Name,
                nics.Length == 0 ? "Add one with Add-VirtNic." : $"Say which with -Mac: {string.Join(", ", nics.Select(nic => nic.MacAddress))}."),
            domain);
        return [];
    }

    internal override IEnumerable<DeviceEdit> Edits()
    {
        if (Network is { Length: not 1 } || Network?[0].Type == NicSpec.None)
            throw new FormatException("-Network is where a card leads to, one place; Remove-VirtNic takes a card out.");
        DeviceEdit?[] edits =
        [
            Network is { } to ? new DeviceEdit($"source to {to[0].Describe()}", nic => SetSource(nic, to[0])) : null,
            Connected is { } plugged
                ? new DeviceEdit(plugged ? "cable plugged in" : "cable unplugged", nic => Replace(nic, "link", InterfaceXml.Link(plugged)))
                : null,
            Model is { } model ? DeviceEdit.Set($"model to {model}", "model", "type", model) : null,
            Mtu is { } mtu ? DeviceEdit.Set($"MTU to {mtu}", "mtu", "size", mtu) : null,
            InboundLimit is { } inbound ? Limit("inbound", inbound) : null,
            OutboundLimit is { } outbound ? Limit("outbound", outbound) : null,
            Filter is { } filter
                ? new DeviceEdit(filter.Length == 0 ? "no filter" : $"filter to {filter}", nic => Replace(
                    nic, "filterref", filter.Length == 0 ? null : new XElement("filterref", new XAttribute("filter", filter))))
                : null,
            BootOrder is { } order
                ? new DeviceEdit(order == 0 ? "no boot order" : $"boot order to {order}", nic => Replace(
                    nic, "boot", order == 0 ? null : new XElement("boot", new XAttribute("order", order))))
                : null,
        ];
        return edits.OfType<DeviceEdit>();
    }

    private static void Replace(XElement nic, string name, XElement? with)
    {
        nic.Elements(name).Remove();
        nic.Add(with);
    }

    private static void SetSource(XElement nic, InterfaceSpecification to)
    {
        XElement wanted = InterfaceXml.Build(to);
        nic.SetAttributeValue("type", to.Type);
        foreach (string part in OfTheSource)
            nic.Elements(part).Remove();
        if (wanted.Element("source") is { } source)
            nic.AddFirst(new XElement(source));
    }

    private static DeviceEdit Limit(string direction, long bytes) => new(
        $"{direction} limit to {(bytes == 0 ? "none" : SizeText.Humanise(bytes) + "/s")}",
        nic =>
        {
            XElement? bandwidth = nic.Element("bandwidth");
            if (bandwidth is null)
            {
                if (bytes == 0)
                    return;
                nic.Add(bandwidth = new XElement("bandwidth"));
            }

            bandwidth.Elements(direction).Remove();
            if (bytes > 0)
                bandwidth.Add(InterfaceXml.Limit(direction, bytes));
            if (!bandwidth.HasElements)
                bandwidth.Remove();
        });
}
