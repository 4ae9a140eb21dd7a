using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>
/// The host's end of a serial port, console or channel: the <c>type</c>, <c>source</c>, <c>protocol</c> and <c>log</c> of its
/// element. Becomes a <c>-chardev</c>.
/// </summary>
internal sealed class CharacterBackend
{
    private const int MaximumSocketPath = 107;
    private const string LibvirtChannels = "/qemu/channel/";
    private readonly XElement _element;
    private readonly string? _path;

    public CharacterBackend(XElement element, bool mayOpenPath = false)
    {
        _element = element;
        Type = element.Choice(
            "type", "null", "pty", "file", "pipe", "unix", "tcp", "udp", "dev", "vc", "stdio", "spicevmc", "spiceport", "nmdm", "qemu-vdagent", "dbus")
            ?? throw XmlFault.Invalid(element, "the attribute type is missing");
        if (Type is "vc" or "stdio" or "spicevmc" or "spiceport" or "nmdm" or "qemu-vdagent" or "dbus")
            throw XmlFault.Unsupported(
                element.Attribute("type")!, $"'{Type}' is not supported by this version",
                "Use pty, file, pipe, unix, tcp, udp, dev or null.");
        _path = Source()?.AbsolutePath("path");
        if (_path is null && (Type is "file" or "pipe" or "dev" || (Type == "unix" && !mayOpenPath)))
            throw XmlFault.Invalid(element, $"the source of a '{Type}' needs a path");
        if (Type == "unix" && _path is not null && System.Text.Encoding.UTF8.GetByteCount(_path) > MaximumSocketPath)
            throw XmlFault.Invalid(Source()!, $"the path of a unix socket has at most {MaximumSocketPath} bytes");
        if (element.Element("source")?.Flag("tls") == true || element.Element("protocol")?.Text("type") is "tls" or "telnets")
            throw XmlFault.Unsupported(element, "TLS is not supported by this version for a character device");
        if (Type is "tcp" or "udp")
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
            "pty" => true,
            "unix" when alias is not null && source.Text("path") is { } path =>
                path.Contains(LibvirtChannels, StringComparison.Ordinal)
                    || path.EndsWith($"/{alias}.sock", StringComparison.Ordinal),
            _ => false,
        };
        if (generated)
            source.Remove();
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
        arguments.Add("-chardev", Options(id, LivePath));
        return id;
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
            source.SetDefault("mode", "bind");
        source.SetAttributeValue("path", LivePath);
    }

    /// <summary>Takes the path from the element of a live XML.</summary>
    public void ReadLive(XElement live) => LivePath = Type is "tcp" or "udp" or "null"
        ? null
        : live.Element("source")?.Text("path");

    private XElement? Source(string? mode = null) =>
        _element.Elements("source").FirstOrDefault(source => mode is null || (source.Text("mode") ?? "connect") == mode);

    private OptionString Options(string id, string? path)
    {
        OptionString options = Type switch
        {
            "tcp" => Tcp(id),
            "udp" => Udp(id),
            "unix" => Listening(new OptionString("socket").With("id", id).With("path", path), Source(), bindByDefault: true),
            "dev" =>
                new OptionString(_element.Name.LocalName == "parallel" ? "parallel" : "serial").With("id", id).With("path", path),
            "file" => new OptionString("file").With("id", id).With("path", path).With("append", Source()!.Flag("append")),
            "pipe" => new OptionString("pipe").With("id", id).With("path", path),
            _ => new OptionString(Type).With("id", id),
        };
        if (_element.Element("log") is { } log)
            options.With("logfile", log.AbsolutePath("file") ?? throw XmlFault.Invalid(log, "the attribute file is missing"))
                .With("logappend", log.Flag("append"));
        return options;
    }

    private OptionString Tcp(string id)
    {
        XElement source = Source() ?? throw XmlFault.Invalid(_element, "the element source is missing");
        OptionString options = new OptionString("socket").With("id", id)
            .With("host", source.Required("host")).With("port", Service(source));
        if (_element.Element("protocol")?.Choice("type", "raw", "telnet") == "telnet")
            options.With("telnet", true);
        return Listening(options, source, bindByDefault: false);
    }

    private OptionString Udp(string id)
    {
        XElement connect = Source("connect")
            ?? throw XmlFault.Invalid(_element, "a udp device needs a source with mode='connect'");
        OptionString options = new OptionString("udp").With("id", id)
            .With("host", connect.Text("host") ?? "127.0.0.1").With("port", Service(connect));
        return Source("bind") is { } bind
            ? options.With("localaddr", bind.Text("host") ?? "")
                .With("localport", bind.Attribute("service") is null ? "0" : Service(bind))
            : options;
    }

    private static OptionString Listening(OptionString options, XElement? source, bool bindByDefault)
    {
        string mode = source?.Choice("mode", "bind", "connect") ?? (bindByDefault ? "bind" : "connect");
        if (mode == "bind")
            return options.With("server", true).With("wait", false);
        XElement? reconnect = source?.Element("reconnect");
        return reconnect?.Flag("enabled") == true ? options.With("reconnect", reconnect.Number("timeout", 0, 3600)) : options;
    }

    private static string Service(XElement source)
    {
        string service = source.Required("service");
        return service.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            ? service
            : throw XmlFault.Invalid(source.Attribute("service")!, $"'{service}' is not a port");
    }
}

/// <summary>A device with a character back end.</summary>
internal interface ICharacterDevice
{
    /// <summary>The back end.</summary>
    CharacterBackend Backend { get; }
}
