using System.Globalization;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The character back ends that are sockets: tcp, udp and unix.</summary>
internal static class CharacterSockets
{
    /// <summary>A TCP connection, or a port that waits for one.</summary>
    public static CharacterOptions Tcp(string id, XElement element)
    {
        XElement source = element.Element("source") ?? throw XmlFault.Invalid(element, "the element source is missing");
        string? protocol = element.Element("protocol")?.Choice("type", "raw", "telnet", "telnets", "tls");
        return Listening(
            new CharacterOptions("socket", id)
                .WithAddress("addr", "inet", ("host", "host", source.Required("host")), ("port", "port", Service(source)))
                .With("telnet", protocol == "telnet" ? true : null),
            source, source.Choice("mode", "bind", "connect") == "bind");
    }

    /// <summary>A unix socket, to connect to or to listen on; a generated one listens.</summary>
    public static CharacterOptions Unix(string id, XElement? source, string? path, bool generated) => Listening(
        new CharacterOptions("socket", id).WithAddress("addr", "unix", ("path", "path", path)),
        source, source?.Choice("mode", "bind", "connect") is { } mode ? mode == "bind" : generated);

    /// <summary>A unix socket that virtd listens on already and QEMU inherits.</summary>
    public static CharacterOptions Inherited(string id, XElement source, int descriptor) => Listening(
        new CharacterOptions("socket", id).WithAddress("addr", "fd", ("fd", "str", descriptor.ToString(CultureInfo.InvariantCulture))), source, listens: true);

    /// <summary>Datagrams to one place, from one port.</summary>
    public static CharacterOptions Udp(string id, XElement element)
    {
        XElement? From(string mode) =>
            element.Elements("source").FirstOrDefault(source => (source.Choice("mode", "bind", "connect") ?? "connect") == mode);
        XElement connect = From("connect") ?? throw XmlFault.Invalid(element, "a udp device needs a source with mode='connect'");
        CharacterOptions options = new CharacterOptions("udp", id).WithAddress(
            "remote", "inet", ("host", "host", connect.Text("host") ?? "127.0.0.1"), ("port", "port", Service(connect)));
        return From("bind") is { } bind
            ? options.WithAddress(
                "local", "inet", ("localaddr", "host", bind.Text("host") ?? ""),
                ("localport", "port", bind.Attribute("service") is null ? "0" : Service(bind)))
            : options;
    }

    private static CharacterOptions Listening(CharacterOptions options, XElement? source, bool listens)
    {
        XElement? reconnect = source?.Element("reconnect");
        bool? again = reconnect?.Flag("enabled");
        if (listens)
        {
            return again == true
                ? throw XmlFault.Invalid(reconnect!, "only a source with mode='connect' connects again")
                : options.With("server", true).With("wait", false);
        }

        options.WithMember("server", false);
        return again switch
        {
            null => options,
            false => options.With("reconnect", 0L),
            _ => options.With(
                "reconnect", reconnect!.Number("timeout", 0, int.MaxValue) ?? throw XmlFault.Invalid(reconnect!, "the attribute timeout is missing")),
        };
    }

    private static string Service(XElement source)
    {
        string service = source.Required("service");
        return service.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            ? service
            : throw XmlFault.Invalid(source.Attribute("service")!, $"'{service}' is not a port");
    }
}
