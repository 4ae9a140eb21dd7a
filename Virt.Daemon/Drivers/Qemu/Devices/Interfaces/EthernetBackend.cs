using System.Net;
using System.Net.Sockets;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Resources.Network;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Type <c>ethernet</c>: a tap interface on its own, which the definition's script or somebody else connects.</summary>
internal sealed class EthernetBackend : TapBackend
{
    private readonly string? _script;
    private readonly string? _downScript;
    private readonly IReadOnlyList<LinkAddress> _addresses;
    private readonly IReadOnlyList<LinkRoute> _routes;

    public EthernetBackend(InterfaceCard card)
        : base(card)
    {
        _script = Script("script");
        _downScript = Script("downscript");
        XElement? source = Element.Element("source");
        _addresses = [.. (source?.Elements("ip") ?? []).Select(Address)];
        _routes = [.. (source?.Elements("route") ?? []).Select(Route)];
    }

    /// <inheritdoc/>
    protected override TapSettings Complete(TapSettings settings) =>
        settings with { Script = _script, DownScript = _downScript, Addresses = _addresses, Routes = _routes };

    private static LinkAddress Address(XElement ip)
    {
        IPAddress address = Parse(ip, "address", ip.Text("family"));
        return new LinkAddress(
            address, ip.Integer("prefix", 0, Bits(address)) ?? Bits(address), ip.Attribute("peer") is null ? null : Parse(ip, "peer", ip.Text("family")));
    }

    private static LinkRoute Route(XElement route)
    {
        IPAddress network = Parse(route, "address", route.Text("family"));
        int? prefix = route.Integer("prefix", 0, Bits(network));
        if (prefix is null && route.Attribute("netmask") is { } mask)
        {
            prefix = Parse(route, "netmask", "ipv4").GetAddressBytes().Sum(part => System.Numerics.BitOperations.PopCount(part));
            _ = mask;
        }

        return new LinkRoute(
            network, prefix ?? (network.Equals(IPAddress.Any) || network.Equals(IPAddress.IPv6Any) ? 0 : Bits(network)),
            route.Attribute("gateway") is null ? null : Parse(route, "gateway", route.Text("family")),
            (uint?)route.Number("metric", 1, int.MaxValue));
    }

    private static IPAddress Parse(XElement element, string attribute, string? family)
    {
        string text = element.Required(attribute);
        return IPAddress.TryParse(text, out IPAddress? address)
            && (family is null || (family == "ipv6") == (address.AddressFamily == AddressFamily.InterNetworkV6))
            ? address
            : throw XmlFault.Invalid(element.Attribute(attribute)!, $"'{text}' is not an {(family == "ipv6" ? "IPv6" : "IP")} address");
    }

    private static int Bits(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;

    private string? Script(string name)
    {
        if (Element.Element(name) is not { } script || script.Text("path") is not { Length: > 0 } path)
            return null;
        if (Context.Host.Programs.InterfaceScripts.Has(path))
            return path;
        // Neither at a start nor at the end of a guest that an older virtd started with it.
        Context.FailStart(
            script.Attribute("path")!, Context.Host.Programs.InterfaceScripts.Refusal(path), Context.Host.Programs.InterfaceScripts.Advice(path));
        return null;
    }
}
