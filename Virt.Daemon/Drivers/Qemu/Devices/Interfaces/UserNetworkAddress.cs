using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>ip</c> of an interface of type user: the network that QEMU makes for the guest, one per family.</summary>
internal static class UserNetworkAddress
{
    /// <summary>Adds the network to a user netdev.</summary>
    public static void AddTo(JsonObject network, XElement ip)
    {
        bool six = ip.Choice("family", "ipv4", "ipv6") == "ipv6";
        string text = ip.Required("address");
        if (!IPAddress.TryParse(text, out IPAddress? address) || (address.AddressFamily == AddressFamily.InterNetworkV6) != six)
            throw XmlFault.Invalid(ip.Attribute("address")!, $"'{text}' is not an {(six ? "IPv6" : "IPv4")} address");
        int? prefix = ip.Integer("prefix", 0, six ? 128 : 32);
        if (six)
        {
            network["ipv6-prefix"] = address.ToString();
            network["ipv6-prefixlen"] = prefix ?? 64;
        }
        else
        {
            network["net"] = string.Create(CultureInfo.InvariantCulture, $"{address}/{prefix ?? 24}");
        }
    }
}
