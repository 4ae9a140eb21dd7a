using System.Net;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Where VNC or SPICE listens: <c>listen</c> elements and the older attributes. Loopback unless the definition says
/// more.</summary>
internal sealed class GraphicsListen
{
    private const string Loopback = "127.0.0.1";
    private const string RunFolders = "/qemu/";
    private readonly string _kind;
    private readonly string? _socket;

    public GraphicsListen(XElement graphics, GuestContext context)
    {
        XElement[] elements = [.. graphics.Elements("listen")];
        if (elements.Length > 1)
            context.FailStart(elements[1], "QEMU listens in one place");
        XElement? element = elements.FirstOrDefault();
        string kind = element?.Choice("type", "address", "network", "socket", "none")
            ?? (element is null ? "address" : throw XmlFault.Invalid(element, "the attribute type is missing"));
        string? older = graphics.Text("type") == "vnc" ? graphics.AbsolutePath("socket") : null;
        if (older is not null && kind is "address" or "network")
        {
            element?.Remove();
            element = null;
            kind = "socket";
        }

        if (element is null)
            graphics.Add(element = new XElement("listen", new XAttribute("type", kind)));
        _kind = kind;
        CheckOnly(element, "network", "network");
        CheckOnly(element, "socket", "socket");
        if (kind == "socket")
            element.SetAttributeValue("socket", _socket = Agree(element, "socket", older, graphics));
        else if (kind == "network")
            context.FailStart(element, "listening on a virtual network is not supported by this version", "Use type='address'.");
        else if (kind == "address")
            ReadAddress(graphics, element);
    }

    /// <summary>Whether nobody can connect.</summary>
    public bool IsNone => _kind == "none";

    /// <summary>Whether it listens on a TCP port.</summary>
    public bool IsAddress => _kind is "address" or "network";

    /// <summary>The address to listen on.</summary>
    public string Address { get; private set; } = Loopback;

    /// <summary>Removes from an export of a running guest the socket that was made for that run.</summary>
    public static void StripLive(XElement graphics)
    {
        string uuid = graphics.Document?.Root?.Element("uuid")?.Value.Trim() is { Length: > 0 } known ? known : "/";
        bool Generated(XAttribute? path) =>
            path is not null && (path.Value.Contains($"{RunFolders}{uuid}/", StringComparison.OrdinalIgnoreCase)
                || (path.Value.Contains("/qemu/domain-", StringComparison.Ordinal) && path.Value.EndsWith($"/{graphics.Text("type")}.sock", StringComparison.Ordinal)));
        if (Generated(graphics.Attribute("socket")))
            graphics.Attribute("socket")!.Remove();
        foreach (XElement listen in graphics.Elements("listen"))
        {
            if (Generated(listen.Attribute("socket")))
                listen.Attribute("socket")!.Remove();
        }
    }

    /// <summary>The unix socket; null for TCP.</summary>
    public string? SocketOf(LaunchPaths paths, string alias) =>
        _kind == "socket" ? _socket ?? Path.Combine(paths.StateFolder, $"{alias}.sock") : null;

    /// <summary>Writes where a running guest listens into a copy of its element.</summary>
    public static void WriteLive(XElement copy, string? socket)
    {
        if (socket is not null)
            copy.Element("listen")!.SetAttributeValue("socket", socket);
    }

    private void ReadAddress(XElement graphics, XElement listen)
    {
        string? older = graphics.Text("listen") is { Length: > 0 } given ? given : null;
        string address = Agree(listen, "address", older, graphics) ?? Loopback;
        bool name = address.Length <= 255 && address.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
        if (!name && !IPAddress.TryParse(address, out _))
            throw XmlFault.Invalid(listen, $"'{address}' is not an address to listen on");
        Address = address;
        graphics.SetAttributeValue("listen", address);
        listen.SetAttributeValue("address", address);
    }

    private static string? Agree(XElement listen, string attribute, string? older, XElement graphics)
    {
        string? given = attribute == "socket" ? listen.AbsolutePath("socket") : listen.Text(attribute) is { Length: > 0 } text ? text : null;
        return given is null || older is null || given == older
            ? given ?? older
            : throw XmlFault.Unsupported(graphics, $"it gives two places to listen: '{older}' and '{given}'");
    }

    private void CheckOnly(XElement listen, string attribute, string kind)
    {
        if (listen.Attribute(attribute) is { } found && _kind != kind)
            throw XmlFault.Invalid(found, $"only a listen of type '{kind}' has it");
    }
}
