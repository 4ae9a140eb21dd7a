using System.Globalization;
using System.Xml.Linq;
using Virt.Domains;
using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>A network card of a domain as it was when it was asked for.</summary>
public sealed class VirtNic : VirtDevice, INicColumns
{
    private const long KiB = 1024;

    internal VirtNic(VirtDomain domain, DeviceRecord record)
        : base(domain, record)
    {
    }

    /// <summary>Its hardware address.</summary>
    public string? MacAddress => Attribute("mac", "address");

    /// <summary>Where it leads: user, network, bridge, direct, ...</summary>
    public string SourceType => (string?)Shown.Attribute("type") ?? "";

    /// <summary>The network, bridge or device of the host; null where there is none to name.</summary>
    public string? Source => Shown.Element("source") is { } source
        ? (string?)source.Attribute("network") ?? (string?)source.Attribute("bridge") ?? (string?)source.Attribute("dev")
            ?? (string?)source.Attribute("path") ?? (string?)source.Attribute("name")
        : null;

    /// <summary>The name of the host's end; null when there is none.</summary>
    public string? Target => Attribute("target", "dev");

    /// <summary>Whether its cable is plugged in.</summary>
    public bool Connected => Attribute("link", "state") != "down";

    /// <summary>Its addresses in the guest, as <c>10.0.2.15/24</c>, when they were asked for and are known.</summary>
    public IReadOnlyList<string> IPAddresses => VisibleText.Each(Record.Addresses);

    /// <summary>The largest packet in bytes; null for the default.</summary>
    public int? Mtu => Number(Attribute("mtu", "size"));

    /// <summary>The most bytes a second into the guest; null for no limit.</summary>
    public long? InboundLimit => Limit("inbound");

    /// <summary>The most bytes a second out of the guest; null for no limit.</summary>
    public long? OutboundLimit => Limit("outbound");

    /// <summary>The network filter; null for none.</summary>
    public string? Filter => Attribute("filterref", "filter");

    /// <summary>What it is and its address.</summary>
    public override string ToString() => $"network card {Key}";

    string INicColumns.IPAddressesText => string.Join(", ", IPAddresses);

    internal override string? Key => MacAddress ?? Alias;

    private long? Limit(string direction) =>
        Shown.Element("bandwidth")?.Element(direction)?.Attribute("average") is XAttribute average
        && long.TryParse(average.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long kib) ? kib * KiB : null;
}
