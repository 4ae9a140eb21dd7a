using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Type <c>user</c>: QEMU's own network, behind the address translation that it does itself.</summary>
internal sealed class UserBackend : InterfaceBackend
{
    public UserBackend(InterfaceCard card)
        : base(card.Element, card.Context)
    {
        if (Element.Element("backend") is { } backend && backend.Attribute("type") is { } type && type.Value != "default")
            throw XmlFault.Invalid(type, $"'{type.Value}' is not a back end of a user network here", "Leave it out: QEMU does it itself.");
        if (Element.Element("portForward") is { } forward)
            throw XmlFault.Unsupported(forward, "ports are forwarded only by the back end 'passt', which this version has not");
        if (Element.Element("route") is { } route)
            throw XmlFault.Unsupported(route, "QEMU's user network gives the guest no routes");
        foreach (IGrouping<string, XElement> family in Element.Elements("ip").GroupBy(ip => ip.Text("family") ?? "ipv4"))
        {
            if (family.Skip(1).FirstOrDefault() is { } second)
                throw XmlFault.Unsupported(second, $"an interface of type 'user' has one {family.Key} address at most");
        }

        foreach (XElement ip in Element.Elements("ip"))
            UserNetworkAddress.AddTo([], ip);
        if (Element.Element("source")?.Attribute("dev") is { } dev)
            Context.FailStart(dev, "QEMU's user network is not bound to an interface of the host", "Remove the attribute.");
    }

    /// <inheritdoc/>
    public override bool TakesMtu => false;

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments, string alias)
    {
        JsonObject network = GuestForward.AddTo(new JsonObject { ["type"] = "user", ["id"] = $"host{alias}" }, Element, Context);
        foreach (XElement ip in Element.Elements("ip"))
            UserNetworkAddress.AddTo(network, ip);
        arguments.Add("-netdev", network);
    }
}
