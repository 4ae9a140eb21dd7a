using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The target of a channel of type <c>guestfwd</c>: an address in the guest's user network.</summary>
internal sealed class GuestForward
{
    private readonly IPAddress _address;
    private readonly int _port;

    public GuestForward(XElement target)
    {
        _address = IPAddress.TryParse(target.Required("address"), out IPAddress? address)
                && address.AddressFamily == AddressFamily.InterNetwork
            ? address
            : throw XmlFault.Invalid(target.Attribute("address")!, $"'{target.Text("address")}' is not an IPv4 address");
        _port = target.Integer("port", 1, ushort.MaxValue) ?? throw XmlFault.Invalid(target, "the attribute port is missing");
    }

    /// <summary>QEMU's rule for it.</summary>
    public string Rule(string chardev) => string.Create(CultureInfo.InvariantCulture, $"tcp:{_address}:{_port}-chardev:{chardev}");

    /// <summary>Notes that nothing leads there when the guest has no user network.</summary>
    public static void Check(XElement channel, GuestContext context)
    {
        if (!channel.Parent!.Elements("interface").Any(IsUser))
            context.Warn(channel, "cannot be reached by the guest: it has no interface of type 'user'");
    }

    /// <summary>Adds all rules to the netdev of the first interface of type <c>user</c>; to any other, nothing.</summary>
    public static JsonObject AddTo(JsonObject netdev, XElement element, GuestContext context)
    {
        if (element.Parent!.Elements("interface").FirstOrDefault(IsUser) != element)
            return netdev;
        JsonArray rules =
            [.. context.Of<ChannelDevice>().Select(channel => channel.Forward).OfType<string>().Select(rule => (JsonNode)new JsonObject { ["str"] = rule })];
        if (rules.Count > 0)
            netdev["guestfwd"] = rules;
        return netdev;
    }

    private static bool IsUser(XElement element) => element.Text("type") == "user";
}
