using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices.DiskSources;

/// <summary>A <c>host</c> of a network disk: name and port, or a unix socket.</summary>
/// <param name="Element">Its element.</param>
/// <param name="Name">Its name or address; null for a unix socket.</param>
/// <param name="Port">Its port; 0 when the protocol has none.</param>
/// <param name="Socket">The path of a unix socket; null otherwise.</param>
internal sealed record NetworkHost(XElement Element, string? Name, int Port, string? Socket)
{
    /// <summary>Reads all hosts of a source.</summary>
    public static IReadOnlyList<NetworkHost> ReadAll(XElement source, int defaultPort) =>
        [.. source.Elements("host").Select(host => Read(host, defaultPort))];

    /// <summary>Name and port as one text, IPv6 addresses in brackets.</summary>
    public string Authority => string.Create(
        CultureInfo.InvariantCulture, $"{(Name!.Contains(':', StringComparison.Ordinal) ? $"[{Name}]" : Name)}:{Port}");

    /// <summary>QEMU's <c>SocketAddress</c>.</summary>
    public JsonObject SocketAddress() => Socket is { } path
        ? new JsonObject { ["type"] = "unix", ["path"] = path }
        : new JsonObject { ["type"] = "inet" }.With("host", Name).With("port", PortText);

    /// <summary>QEMU's <c>InetSocketAddressBase</c>.</summary>
    public JsonObject InetAddress() => new JsonObject().With("host", RequireName()).With("port", PortText);

    /// <summary>The name, which must be there.</summary>
    public string RequireName() => Name ?? throw XmlFault.Unsupported(Element, "this protocol does not go through a unix socket");

    private string? PortText => Port == 0 ? null : Port.ToString(CultureInfo.InvariantCulture);

    private static NetworkHost Read(XElement host, int defaultPort)
    {
        string transport = host.Choice("transport", "tcp", "unix", "rdma") ?? "tcp";
        if (transport == "unix")
        {
            string socket = host.AbsolutePath("socket") ?? throw XmlFault.Invalid(host, "the attribute socket is missing");
            return new NetworkHost(host, null, 0, socket);
        }

        if (host.Attribute("socket") is { } unwanted)
            throw XmlFault.Invalid(unwanted, "only a host with transport='unix' has a socket");
        string name = host.Required("name");
        if (name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '/' or '@' or '?' or '#' or ','))
            throw XmlFault.Invalid(host.Attribute("name")!, $"'{name}' is not the name or address of a host");
        if (transport == "rdma")
            throw XmlFault.Unsupported(host.Attribute("transport")!, "QEMU has no disk over rdma", "Use transport='tcp'.");
        return new NetworkHost(host, name, host.Integer("port", 1, 65535) ?? defaultPort, null);
    }
}
