using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Types <c>mcast</c>, <c>server</c>, <c>client</c> and <c>udp</c>: guests' frames between QEMUs, over sockets.</summary>
internal sealed class SocketBackend : InterfaceBackend
{
    private readonly string _type;
    private readonly string _remote;
    private readonly string? _local;

    public SocketBackend(InterfaceCard card, string type)
        : base(card.Element, card.Context)
    {
        _type = type;
        _remote = Read(Source, addressNeeded: type != "server");
        if (type == "udp")
            _local = Read(Source.Element("local") ?? throw XmlFault.Invalid(Source, "the element local is missing"), addressNeeded: true);
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments, string alias)
    {
        string option = _type switch { "server" => "listen", "client" => "connect", var same => same };
        arguments.Add(
            "-netdev",
            new JsonObject { ["type"] = "socket", [option] = _remote }.With("localaddr", _local).With("id", $"host{alias}"));
    }

    private static string Read(XElement place, bool addressNeeded)
    {
        string address = addressNeeded ? place.Required("address") : place.Text("address") ?? "";
        if (address.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('.' or ':' or '-' or '[' or ']')))
            throw XmlFault.Invalid(place.Attribute("address")!, $"'{address}' is not an address");
        int port = place.Integer("port", 0, ushort.MaxValue) ?? throw XmlFault.Invalid(place, "the attribute port is missing");
        return string.Create(CultureInfo.InvariantCulture, $"{address}:{port}");
    }
}
