using System.Text;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>
/// The host's end of a serial port, console, channel, smart card or redirected device: the <c>type</c>, <c>source</c>,
/// <c>protocol</c> and <c>log</c> of its element. Becomes a <c>-chardev</c>.
/// </summary>
internal sealed class CharacterBackend
{
    private const int MaximumSocketPath = 107;
    private const string LibvirtChannels = "/qemu/channel/";

    private static readonly string[] Types =
    [
        "null", "vc", "pty", "dev", "file", "pipe", "stdio", "udp", "tcp", "unix", "spicevmc", "spiceport", "nmdm", "qemu-vdagent", "dbus",
    ];

    private readonly XElement _element;
    private readonly string? _path;
    private readonly bool _isSeparate;

    /// <summary>Reads and checks the back end.</summary>
    /// <param name="element">The element with the attribute <c>type</c>.</param>
    /// <param name="context">The rest of the definition.</param>
    /// <param name="mayOpenPath">Whether a unix socket without a path gets one in the run's folder.</param>
    /// <param name="defaultType">The type when none is given; null when it must be.</param>
    public CharacterBackend(XElement element, GuestContext context, bool mayOpenPath = false, string? defaultType = "pty")
    {
        _element = element;
        _isSeparate = context.Host.IsSeparate;
        if (defaultType is not null)
            element.SetDefault("type", defaultType);
        Type = element.Choice("type", Types) ?? throw XmlFault.Invalid(element, "the attribute type is missing");
        if (Type == "nmdm")
            context.FailStart(element.Attribute("type")!, "'nmdm' is not for Linux hosts", "Use pty, or a unix socket.");
        if (Type is "spicevmc" or "spiceport" && !context.General.Section("devices").Elements("graphics").Any(graphics => graphics.Text("type") == "spice"))
            throw XmlFault.Unsupported(element, $"a device of type '{Type}' needs graphics of type 'spice'");
        if (Type == "spicevmc" && element.Name.LocalName is "serial" or "parallel" or "console")
            throw XmlFault.Unsupported(element, "'spicevmc' is only for channels, smart cards and redirected devices");
        XElement? source = element.Element("source");
        _path = source?.AbsolutePath("path");
        if (_path is null && (Type is "file" or "pipe" or "dev" || (Type == "unix" && !mayOpenPath)))
            throw XmlFault.Invalid(element, $"the source of a '{Type}' needs a path");
        if (Type == "unix" && _path is not null && Encoding.UTF8.GetByteCount(_path) > MaximumSocketPath)
            throw XmlFault.Invalid(source!, $"the path of a unix socket has at most {MaximumSocketPath} bytes");
        _ = (source?.Flag("append"), element.Element("log")?.Flag("append"));
        if (element.Element("log") is { } log)
            _ = log.AbsolutePath("file") ?? throw XmlFault.Invalid(log, "the attribute file is missing");
        CharacterTls.Check(element, context);
        _ = Options("check", null);
    }

    /// <summary>The kind: <c>pty</c>, <c>file</c>, <c>unix</c>, ...</summary>
    public string Type { get; }

    /// <summary>Where it is on the host while the guest runs: the pty that QEMU got, the socket, the file; null when there
    /// is none.</summary>
    public string? LivePath { get; set; }

    /// <summary>Takes from the element what only a running guest has.</summary>
    public static void StripLive(XElement element)
    {
        element.Attribute("tty")?.Remove();
        string? alias = element.Element("alias")?.Text("name");
        if (element.Element("source") is not { } source)
            return;
        bool generated = element.Text("type") switch
        {
            // What has no type becomes a pty.
            "pty" or null => true,
            "unix" when alias is not null && source.Text("path") is { } path =>
                path.Contains(LibvirtChannels, StringComparison.Ordinal)
                    || path.EndsWith($"/{alias}.sock", StringComparison.Ordinal),
            _ => false,
        };
        if (generated)
            element.Elements("source").Remove();
    }

    /// <summary>Writes the <c>-chardev</c> and returns its id.</summary>
    public string AddTo(QemuArguments arguments, string alias)
    {
        string id = $"char{alias}";
        LivePath = Type switch
        {
            "unix" => _path ?? Path.Combine(arguments.Paths.StateFolder, $"{alias}.sock"),
            "pty" => null,
            _ => _path,
        };
        CharacterOptions options = OpenListener(arguments, id) ?? Options(id, LivePath);
        if (CharacterTls.AddTo(arguments, _element, id) is { } credentials)
            options.With("tls-creds", credentials);
        options.AddTo(arguments);
        return id;
    }

    // In a folder that is not its own QEMU could not make the socket.
    private CharacterOptions? OpenListener(QemuArguments arguments, string id)
    {
        if (Type != "unix" || _path is null || !_isSeparate || _element.Element("source")!.Text("mode") != "bind")
            return null;
        string path = _path;
        return CharacterSockets.Inherited(id, _element.Element("source")!, arguments.AddDescriptor(() => GuestSocket.Listen(path)));
    }

    /// <summary>Writes the path into a copy of the element, as libvirt's export of a running guest has it.</summary>
    public void WriteLive(XElement copy)
    {
        if (LivePath is null || Type is not ("pty" or "unix"))
            return;
        XElement source = copy.Element("source") ?? new XElement("source");
        if (source.Parent is null)
            copy.AddFirst(source);
        if (Type == "unix")
            source.SetDefault("mode", _path is null ? "bind" : "connect");
        source.SetAttributeValue("path", LivePath);
    }

    /// <summary>Takes the path from the element of a live XML.</summary>
    public void ReadLive(XElement live) => LivePath = Type is "tcp" or "udp" or "null"
        ? null
        : live.Element("source")?.Text("path");

    private CharacterOptions Options(string id, string? path)
    {
        XElement? source = _element.Element("source");
        CharacterOptions options = Type switch
        {
            "tcp" => CharacterSockets.Tcp(id, _element),
            "udp" => CharacterSockets.Udp(id, _element),
            "unix" => CharacterSockets.Unix(id, source, path, generated: _path is null),
            "dev" => new CharacterOptions(_element.Name.LocalName == "parallel" ? "parallel" : "serial", id).With("path", path, "device"),
            "pipe" => new CharacterOptions("pipe", id).With("path", path, "device"),
            "file" => new CharacterOptions("file", id).With("path", path, "out").With("append", true),
            "spicevmc" => new CharacterOptions("spicevmc", id).With("name", SpiceChannel(), "type"),
            "spiceport" => new CharacterOptions("spiceport", id).With("name", ChannelName(source), "fqdn"),
            "dbus" => new CharacterOptions("dbus", id).With("name", ChannelName(source)),
            "qemu-vdagent" => Agent(id, source),
            _ => new CharacterOptions(Type, id),
        };
        // What is to begin empty virtd has emptied: only who appends can go on when the file is cut.
        if (_element.Element("log") is { } log)
            options.With("logfile", log.AbsolutePath("file")).With("logappend", true);
        return options;
    }

    /// <summary>Which of the viewer's channels it is; the device tells.</summary>
    private string SpiceChannel() => _element.Name.LocalName switch
    {
        "smartcard" => "smartcard",
        "redirdev" => "usbredir",
        _ => "vdagent",
    };

    private string ChannelName(XElement? source)
    {
        XObject at = source?.Attribute("channel") as XObject ?? _element;
        return source?.Text("channel") is { Length: > 0 } name && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')
            ? name
            : throw XmlFault.Invalid(at, $"the source of a '{Type}' needs the attribute channel: letters, digits, '_', '-' and '.'");
    }

    private static CharacterOptions Agent(string id, XElement? source)
    {
        string? mouse = source?.Element("mouse")?.Choice("mode", "server", "client");
        return new CharacterOptions("qemu-vdagent", id).With("clipboard", source?.Element("clipboard")?.Flag("copypaste"))
            .With("mouse", mouse is null ? null : mouse == "client");
    }
}
