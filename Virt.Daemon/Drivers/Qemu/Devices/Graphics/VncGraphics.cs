using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;
using Virt.Daemon.Drivers.Qemu.Qmp;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>
/// <c>graphics type='vnc'</c>: a VNC server. QEMU itself takes the first free port from 5900 on, so that two guests never race
/// for one; the monitor tells which.
/// </summary>
internal sealed class VncGraphics : GraphicsDevice, IPostStart
{
    private const int FirstPort = 5900;
    private readonly GraphicsListen _listen;
    private readonly GraphicsPassword _password;
    private readonly int? _port;
    private readonly int? _webSocket;
    private readonly string? _share;
    private readonly string? _keymap;
    private readonly AudioReference _audio;
    private string? _socket;
    private int? _liveWebSocket;

    public VncGraphics(XElement element, GuestContext context)
        : base(element, context)
    {
        int port = element.Integer("port", -1, 65535) ?? -1;
        bool automatic = element.Flag("autoport") ?? port < 0;
        _port = automatic || port <= 0 ? null : port;
        if (_port < FirstPort)
            context.FailStart(element.Attribute("port")!, $"a VNC port is at least {FirstPort}");
        _listen = new GraphicsListen(element, context);
        _webSocket = element.Integer("websocket", -1, 65535) is not 0 and var webSocket ? webSocket : null;
        _share = element.Choice("sharePolicy", "allow-exclusive", "force-shared", "ignore");
        _ = element.Flag("powerControl");
        _keymap = Keymap(element);
        _password = new GraphicsPassword(element);
        _audio = new AudioReference(element, context);
        if (!_listen.IsAddress)
            return;
        element.SetAttributeValue("port", _port ?? -1);
        element.SetAttributeValue("autoport", _port is null ? "yes" : "no");
    }

    /// <inheritdoc/>
    public override void Connect() => _audio.Check();

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        _socket = _listen.SocketOf(arguments.Paths, Alias);
        var vnc = new OptionString(Where());
        if (_port is null && _listen.IsAddress)
            vnc.With("to", 65535 - FirstPort);
        if (_listen.IsAddress)
            vnc.With("websocket", _webSocket == -1 ? "on" : _webSocket?.ToString(CultureInfo.InvariantCulture));
        vnc.With("share", _share).With("password", _password.IsSet ? true : null)
            .With("power-control", Element.Flag("powerControl")).With("audiodev", _audio.Id);
        arguments.Add("-vnc", vnc);
        if (_keymap is not null)
            arguments.Add("-k", _keymap);
    }

    /// <inheritdoc/>
    public override IEnumerable<PostStartCommand> PasswordCommands => _password.Commands();

    /// <inheritdoc/>
    public IEnumerable<PostStartCommand> PostStart() => _listen.IsAddress
        ? [.. PasswordCommands, new PostStartCommand("query-vnc-servers", Reply: NotePorts)]
        : PasswordCommands;

    /// <inheritdoc/>
    public override void WriteLive(XElement copy)
    {
        if (LivePort is { } port)
            copy.SetAttributeValue("port", port);
        if (_liveWebSocket is { } webSocket)
            copy.SetAttributeValue("websocket", webSocket);
        GraphicsListen.WriteLive(copy, _socket);
    }

    /// <inheritdoc/>
    public override void ReadLive(XElement live)
    {
        LivePort = live.Integer("port", -1, 65535) is > 0 and var port ? port : null;
        _liveWebSocket = live.Integer("websocket", -1, 65535) is > 0 and var webSocket ? webSocket : null;
        _socket = live.Element("listen")?.Text("socket");
    }

    private string Where()
    {
        if (_socket is not null)
            return "unix:" + _socket;
        if (_listen.IsNone)
            return "none";
        string host = _listen.Address.Contains(':', StringComparison.Ordinal) ? $"[{_listen.Address}]" : _listen.Address;
        return string.Create(CultureInfo.InvariantCulture, $"{host}:{(_port ?? FirstPort) - FirstPort}");
    }

    private void NotePorts(JsonElement reply)
    {
        foreach (JsonElement server in reply.ItemsOrNone().SelectMany(display => display.Find("server")?.ItemsOrNone() ?? []))
            Note(server);
    }

    private void Note(JsonElement server)
    {
        if (!int.TryParse(server.FindText("service"), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port > ushort.MaxValue)
            return;
        if (server.Find("websocket") is { ValueKind: JsonValueKind.True })
            _liveWebSocket = port;
        else
            LivePort = port;
    }
}
