using System.Globalization;
using System.Net;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Where a VNC server listens: <c>listen</c> elements and the older attributes. Loopback unless the definition says
/// more.</summary>
internal sealed class GraphicsListen
{
    private const string Loopback = "127.0.0.1";
    private readonly string _address = Loopback;

    public GraphicsListen(XElement graphics)
    {
        XElement[] elements = [.. graphics.Elements("listen")];
        if (elements.Length > 1)
            throw XmlFault.Unsupported(elements[1], "VNC listens in one place");
        XElement? element = elements.FirstOrDefault();
        string kind = element?.Choice("type", "address", "network", "socket", "none")
            ?? (graphics.Attribute("socket") is null ? "address" : "socket");
        if (kind == "network")
            throw XmlFault.Unsupported(
                element!, "listening on a virtual network is not supported by this version", "Use type='address'.");
        IsNone = kind == "none";
        IsSocket = kind == "socket";
        if (IsSocket)
        {
            Socket = element?.AbsolutePath("socket") ?? graphics.AbsolutePath("socket");
            return;
        }

        if (IsNone)
            return;
        string? given = element?.Text("address") ?? graphics.Text("listen");
        if (!string.IsNullOrEmpty(given))
            _address = Check(given, element ?? graphics);
        if (element is null)
            graphics.Add(element = new XElement("listen", new XAttribute("type", "address")));
        graphics.SetAttributeValue("listen", _address);
        element.SetAttributeValue("address", _address);
    }

    /// <summary>Whether nobody can connect.</summary>
    public bool IsNone { get; }

    /// <summary>Whether it listens on a TCP port.</summary>
    public bool IsAddress => !IsNone && !IsSocket;

    /// <summary>The unix socket; null when it is left open, or for TCP.</summary>
    public string? Socket { get; }

    private bool IsSocket { get; }

    /// <summary>The first part of <c>-vnc</c>.</summary>
    public string Where(int display, LaunchPaths paths, string alias)
    {
        if (IsNone)
            return "none";
        if (IsSocket)
            return "unix:" + (Socket ?? Path.Combine(paths.StateFolder, $"{alias}.sock"));
        string host = _address.Contains(':', StringComparison.Ordinal) ? $"[{_address}]" : _address;
        return string.Create(CultureInfo.InvariantCulture, $"{host}:{display}");
    }

    private static string Check(string address, XElement at)
    {
        bool name = address.Length <= 255 && address.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
        return name || IPAddress.TryParse(address, out _)
            ? address
            : throw XmlFault.Invalid(at, $"'{address}' is not an address to listen on");
    }
}
