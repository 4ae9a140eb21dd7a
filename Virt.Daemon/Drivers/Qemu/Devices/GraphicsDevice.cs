using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>
/// <c>graphics type='vnc'</c>: a VNC server. QEMU itself takes the first free port from 5900 on, so that two guests never race
/// for one; the monitor tells which. The password goes through the monitor, never through the command line.
/// </summary>
internal sealed class GraphicsDevice : GuestDevice, IPostStart
{
    private const int FirstPort = 5900;
    private const int MaximumPassword = 8;
    private readonly GraphicsListen _listen;
    private readonly int? _port;
    private readonly int? _webSocket;
    private readonly bool _automaticWebSocket;
    private readonly string? _share;
    private readonly string? _password;
    private readonly string? _connected;
    private readonly string? _keymap;
    private readonly DateTimeOffset? _expires;

    public GraphicsDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        if (element.Required("type") is not "vnc" and var type)
            throw XmlFault.Unsupported(
                element, $"graphics of type '{type}' are not supported by this version", "Use type='vnc'.");
        if (context.Of<GraphicsDevice>().Any())
            throw XmlFault.Unsupported(element, "QEMU has only one VNC server per guest");
        int port = element.Integer("port", -1, 65535) ?? -1;
        bool automatic = element.Flag("autoport") ?? port < 0;
        if (port == 0)
            automatic = true;
        if (!automatic && port is >= 0 and < FirstPort)
            throw XmlFault.Invalid(element.Attribute("port")!, $"a VNC port is at least {FirstPort}");
        _port = automatic || port < 0 ? null : port;
        _listen = new GraphicsListen(element);
        _webSocket = element.Integer("websocket", -1, 65535);
        _automaticWebSocket = _webSocket == -1;
        _share = element.Choice("sharePolicy", "allow-exclusive", "force-shared", "ignore");
        _connected = element.Choice("connected", "keep", "disconnect", "fail");
        _keymap = Keymap(element);
        _password = element.Text("passwd");
        if (_password?.Length > MaximumPassword)
            throw XmlFault.Unsupported(
                element.Attribute("passwd")!,
                $"VNC compares only {MaximumPassword} characters of a password, this one is longer");
        _expires = Expiry(element);
        if (_listen.Socket is null)
        {
            element.SetAttributeValue("port", _port ?? -1);
            element.SetAttributeValue("autoport", _port is null ? "yes" : "no");
        }
    }

    /// <summary>The port QEMU listens on; null while it does not run, and for a unix socket.</summary>
    public int? LivePort { get; private set; }

    /// <inheritdoc/>
    public override bool ShowsAlias => false;

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        var vnc = new OptionString(_listen.Where(_port is { } port ? port - FirstPort : 0, arguments.Paths, Alias));
        if (_port is null && _listen.IsAddress)
            vnc.With("to", 65535 - FirstPort);
        vnc.With("websocket", _automaticWebSocket ? "on" : _webSocket?.ToString(CultureInfo.InvariantCulture));
        vnc.With("password", _password is null ? null : true).With("share", _share)
            .With("power-control", Element.Flag("powerControl"));
        arguments.Add("-vnc", vnc);
        if (_keymap is not null)
            arguments.Add("-k", _keymap);
    }

    /// <inheritdoc/>
    public IEnumerable<PostStartCommand> PostStart()
    {
        if (_password is not null)
        {
            yield return new PostStartCommand(
                "set_password", new JsonObject { ["protocol"] = "vnc", ["password"] = _password }
                    .With("connected", _connected));
            string time = _expires is { } expires ? expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) : "never";
            yield return new PostStartCommand("expire_password", new JsonObject { ["protocol"] = "vnc", ["time"] = time });
        }

        if (_listen.IsAddress)
            yield return new PostStartCommand("query-vnc", Reply: NotePort);
    }

    /// <inheritdoc/>
    public override void WriteLive(XElement copy)
    {
        if (LivePort is { } port)
            copy.SetAttributeValue("port", port);
    }

    /// <inheritdoc/>
    public override void ReadLive(XElement live) => LivePort = live.Integer("port", -1, 65535) is > 0 and var port ? port : null;

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("graphics");

    private void NotePort(JsonElement reply)
    {
        if (reply.ValueKind == JsonValueKind.Object && reply.TryGetProperty("service", out JsonElement service)
            && int.TryParse(service.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out int port))
        {
            LivePort = port;
        }
    }

    private static DateTimeOffset? Expiry(XElement element)
    {
        if (element.Attribute("passwdValidTo") is not { } until)
            return null;
        return DateTimeOffset.TryParse(
            until.Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : throw XmlFault.Invalid(until, $"'{until.Value}' is not a time as 2026-01-31T12:00:00");
    }

    private static string? Keymap(XElement element) => element.Attribute("keymap") switch
    {
        null => null,
        { Value: { Length: > 0 and <= 32 } name } when char.IsAsciiLetter(name[0])
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') => name,
        var other => throw XmlFault.Invalid(other, $"'{other.Value}' is not a keymap"),
    };
}
