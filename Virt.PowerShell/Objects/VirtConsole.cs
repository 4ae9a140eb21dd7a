using System.Globalization;
using System.Xml.Linq;
using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>What one speaks with a console by.</summary>
public enum VirtConsoleType
{
    /// <summary>Text: a serial or parallel port, a virtio console.</summary>
    Serial,
    /// <summary>A screen by VNC.</summary>
    Vnc,
    /// <summary>A screen by SPICE.</summary>
    Spice,
}

/// <summary>A console of a domain as it was when it was asked for.</summary>
public sealed class VirtConsole
{
    private const int FirstVncPort = 5900;

    private readonly XElement _element;

    private VirtConsole(VirtDevice device, VirtConsoleType type, string? password)
    {
        _element = device.Shown;
        Domain = device.Domain;
        Device = device.Alias;
        Type = type;
        Password = VisibleText.Line(password);
    }

    /// <summary>The domain it is of.</summary>
    public VirtDomain Domain { get; }

    /// <summary>The domain's name.</summary>
    public string DomainName => Domain.Name;

    /// <summary>The host of the domain.</summary>
    public VirtHost VirtHost => Domain.VirtHost;

    /// <summary>The host's name.</summary>
    public string HostName => VirtHost.Name;

    /// <summary>Serial, Vnc or Spice.</summary>
    public VirtConsoleType Type { get; }

    /// <summary>The device's id, which Enter-VirtConsole takes; null while the domain is off, and of screens.</summary>
    public string? Device { get; }

    /// <summary>Where it leads on the host: <c>pty</c>, <c>unix</c>, <c>file</c>, ...; of screens <c>address</c> or <c>socket</c>.</summary>
    public string Backend => Type == VirtConsoleType.Serial
        ? (string?)_element.Attribute("type") ?? "pty" : Socket is null ? "address" : "socket";

    /// <summary>
    /// The pseudo terminal, the file or the socket; of screens the display as <c>virsh vncdisplay</c> writes it. Null where the run
    /// decides and there is none.
    /// </summary>
    public string? Target => Type == VirtConsoleType.Serial ? SerialTarget : Socket ?? Display;

    /// <summary>The address of a screen; null where the host listens on all.</summary>
    public string? Address => Type == VirtConsoleType.Serial
        ? null
        : Filled((string?)_element.Elements("listen").FirstOrDefault()?.Attribute("address") ?? (string?)_element.Attribute("listen")) is { } address
            && address is not ("0.0.0.0" or "::") ? address : null;

    /// <summary>The port of a screen; null when it has none now.</summary>
    public int? Port => Number("port");

    /// <summary>The port of a screen by TLS; null when it has none now.</summary>
    public int? TlsPort => Number("tlsPort");

    /// <summary>The address that viewers take, as <c>virsh domdisplay</c> writes it; null where there is none now.</summary>
    public string? Uri => Type switch
    {
        VirtConsoleType.Vnc when Socket is { } socket => $"vnc+unix://{socket}",
        VirtConsoleType.Spice when Socket is { } socket => $"spice+unix://{socket}",
        VirtConsoleType.Vnc when Port is { } port => Invariant($"vnc://{Place}:{port - FirstVncPort}"),
        VirtConsoleType.Spice when (Port ?? TlsPort) is not null => string.Concat(
            $"spice://{Place}", Port is { } port ? Invariant($":{port}") : "", TlsPort is { } tls ? Invariant($"?tls-port={tls}") : ""),
        _ => null,
    };

    /// <summary>The password of a screen, where it was asked for and there is one.</summary>
    public string? Password { get; }

    /// <summary>The domain's name and the device's.</summary>
    public override string ToString() => $"{Domain.Name} {Device ?? Type.ToString()}";

    /// <summary>The console that a device is; null for one that is none, or that is written a second time.</summary>
    /// <param name="device">The device.</param>
    /// <param name="devices">All consoles, ports and screens of the domain.</param>
    /// <param name="password">The password, where it is known.</param>
    internal static VirtConsole? Of(VirtDevice device, IReadOnlyList<VirtDevice> devices, string? password) => device.Type switch
    {
        "serial" or "parallel" => new VirtConsole(device, VirtConsoleType.Serial, null),
        "console" when device.Attribute("target", "type") is null or "serial" && devices.Any(other => other.Type == "serial") => null,
        "console" => new VirtConsole(device, VirtConsoleType.Serial, null),
        "graphics" => (string?)device.Element.Attribute("type") switch
        {
            "vnc" => new VirtConsole(device, VirtConsoleType.Vnc, password),
            "spice" => new VirtConsole(device, VirtConsoleType.Spice, password),
            _ => null,
        },
        _ => null,
    };

    private string? SerialTarget => _element.Element("source") is { } source
        ? (string?)source.Attribute("path")
            ?? ((string?)source.Attribute("service") is { } service ? $"{(string?)source.Attribute("host")}:{service}" : null)
        : null;

    private string? Socket => Filled(
        (string?)_element.Attribute("socket") ?? (string?)_element.Elements("listen").FirstOrDefault()?.Attribute("socket"));

    private string? Display => Type == VirtConsoleType.Vnc && Port is { } port
        ? Invariant($"{Address}:{port - FirstVncPort}")
        : (Port ?? TlsPort) is { } any ? Invariant($"{Address}:{any}") : null;

    private string Place => Address is { } address ? address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address : VirtHost.Name;

    private int? Number(string attribute) =>
        Type != VirtConsoleType.Serial && VirtDevice.Number((string?)_element.Attribute(attribute)) is int number && number > 0 ? number : null;

    private static string? Filled(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
