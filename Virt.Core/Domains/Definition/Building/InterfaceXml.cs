using System.Xml.Linq;

namespace Virt.Domains.Definition;

/// <summary>Writes the <c>interface</c> element (formatdomain, "Network interfaces").</summary>
public static class InterfaceXml
{
    private const long KiB = 1024;

    /// <summary>The element.</summary>
    public static XElement Build(InterfaceSpecification nic)
    {
        ArgumentNullException.ThrowIfNull(nic);
        return new XElement(
            "interface",
            new XAttribute("type", nic.Type),
            nic.Mac is null ? null : new XElement("mac", new XAttribute("address", nic.Mac)),
            Source(nic),
            nic.Vlan is { } vlan ? new XElement("vlan", new XElement("tag", new XAttribute("id", vlan))) : null,
            Bandwidth(nic.InboundLimit, nic.OutboundLimit),
            nic.Target is null ? null : new XElement("target", new XAttribute("dev", nic.Target)),
            new XElement("model", new XAttribute("type", nic.Model)),
            nic.Queues is { } queues ? new XElement("driver", new XAttribute("name", "vhost"), new XAttribute("queues", queues)) : null,
            nic.Filter is null ? null : new XElement("filterref", new XAttribute("filter", nic.Filter)),
            nic.Connected is { } plugged ? Link(plugged) : null,
            nic.Mtu is { } mtu ? new XElement("mtu", new XAttribute("size", mtu)) : null,
            nic.BootOrder is { } order ? new XElement("boot", new XAttribute("order", order)) : null);
    }

    /// <summary>The <c>link</c> element.</summary>
    public static XElement Link(bool connected) => new("link", new XAttribute("state", connected ? "up" : "down"));

    /// <summary>The <c>bandwidth</c> element; null when there are no limits. Libvirt counts in KiB a second; a limit is rounded up.</summary>
    public static XElement? Bandwidth(long? inbound, long? outbound) => inbound is null && outbound is null
        ? null
        : new XElement("bandwidth", Limit("inbound", inbound), Limit("outbound", outbound));

    /// <summary>A limit, <c>inbound</c> or <c>outbound</c>; null when there is none.</summary>
    public static XElement? Limit(string direction, long? bytes) => bytes is { } limit
        ? new XElement(direction, new XAttribute("average", (limit / KiB) + (limit % KiB > 0 ? 1 : 0)))
        : null;

    private static XElement? Source(InterfaceSpecification nic) => nic.Type switch
    {
        "network" => new XElement(
            "source", new XAttribute("network", nic.Source ?? "default"),
            nic.PortGroup is null ? null : new XAttribute("portgroup", nic.PortGroup)),
        "bridge" => new XElement("source", new XAttribute("bridge", nic.Source ?? "")),
        "direct" => new XElement("source", new XAttribute("dev", nic.Source ?? ""), new XAttribute("mode", nic.Mode ?? "bridge")),
        _ => null,
    };
}
