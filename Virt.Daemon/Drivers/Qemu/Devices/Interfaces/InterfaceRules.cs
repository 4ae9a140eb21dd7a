using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Which children an interface may have, by its type.</summary>
internal static class InterfaceRules
{
    /// <summary>Checks the children.</summary>
    public static void Check(XElement card, string type, InterfaceBackend backend, InterfaceOffloads offloads, GuestContext context)
    {
        if (!backend.TakesVirtualPort)
            Refuse(card, "virtualport", type);
        if (card.Element("port")?.Flag("isolated") == true)
        {
            if (!backend.IsBridgePort)
                throw XmlFault.Unsupported(card.Element("port")!, $"an interface of type '{type}' is no port of a bridge that could be isolated");
            if (card.Element("virtualport") is not null)
                throw XmlFault.Unsupported(card.Element("port")!, "a port with <virtualport> cannot be isolated");
        }

        if (!backend.IsBridgePort)
            Refuse(card, "coalesce", type);
        if (type != "user" && (card.Element("ip") ?? card.Element("route")) is { } guest)
            throw XmlFault.Unsupported(guest, "QEMU gives addresses only to guests on an interface of type 'user'");
        if (type != "ethernet" && card.Element("source")?.Elements().FirstOrDefault(child => child.Name.LocalName is "ip" or "route") is { } host)
            throw XmlFault.Unsupported(host, "only interfaces of type 'ethernet' have addresses and routes of the host");
        if (type != "ethernet" && card.Element("target")?.Flag("managed") == false)
            throw XmlFault.Unsupported(card.Element("target")!, "only the host's end of an interface of type 'ethernet' can be there before");
        if (card.Element("backend")?.Attribute("type") is { Value: not "default" } passt)
            throw XmlFault.Invalid(passt, $"'{passt.Value}' is not a back end of an interface of type '{type}'");
        _ = InterfaceBandwidth.Read(card, mayHaveFloor: type == "network");
        _ = InterfaceVlans.Read(card);
        if (card.Element("tune")?.Element("sndbuf") is { } buffer)
            _ = buffer.Number(0, long.MaxValue);
        CheckStart(card, type, backend, offloads, context);
    }

    /// <summary>What libvirt takes in a definition and a guest cannot have: an error at start, as nobody must believe in a filter
    /// or a limit that is not there.</summary>
    private static void CheckStart(XElement card, string type, InterfaceBackend backend, InterfaceOffloads offloads, GuestContext context)
    {
        if (offloads.Queues > 1 && !backend.TakesQueues)
            context.FailStart(card.Element("driver")!.Attribute("queues")!, $"an interface of type '{type}' has one queue only");
        if (card.Element("filterref") is { } filter)
        {
            context.FailStart(
                filter, $"the traffic filter '{filter.Text("filter")}' cannot be applied: this host has no network filter driver",
                "Remove the element to run the guest without the filter.");
        }

        if (card.Element("bandwidth") is { } bandwidth && !backend.TakesBandwidth)
            context.FailStart(bandwidth, $"an interface of type '{type}' cannot be limited", "Use type bridge, ethernet or direct.");
        if (card.Element("vlan") is { } vlan && !backend.TakesVlans)
            context.FailStart(vlan, $"an interface of type '{type}' has no VLANs", "Use type bridge.");
        if (type != "ethernet" && (card.Element("script") ?? card.Element("downscript")) is { } script)
            context.FailStart(script, $"only interfaces of type 'ethernet' have scripts, not '{type}'", "Remove the element.");
        if (card.Element("backend")?.Attribute("tap") is { } tap && !backend.IsTap)
            context.FailStart(tap, $"an interface of type '{type}' has no tap device");
        if (card.Element("backenddomain") is { } domain)
            context.Warn(domain, "is for Xen and has no effect");
        if (card.Flag("trustGuestRxFilters") == true)
            context.Warn(card, "trustGuestRxFilters: the host's interface does not follow filters that the guest sets");
    }

    private static void Refuse(XElement card, string child, string type)
    {
        if (card.Element(child) is { } found)
            throw XmlFault.Unsupported(found, $"an interface of type '{type}' cannot have it");
    }
}
