using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>graphics type='spice'</c>: a SPICE server without TLS.</summary>
internal sealed class SpiceGraphics : GraphicsDevice, IPostStart
{
    private readonly GraphicsListen _listen;
    private readonly GraphicsPassword _password;
    private readonly SpiceOptions _options;
    private readonly bool _automatic;
    private readonly int? _port;
    private readonly string? _keymap;
    private string? _socket;

    public SpiceGraphics(XElement element, GuestContext context)
        : base(element, context)
    {
        _listen = new GraphicsListen(element, context);
        int port = element.Integer("port", -1, 65535) ?? 0;
        int tlsPort = element.Integer("tlsPort", -1, 65535) ?? 0;
        _automatic = element.Flag("autoport") ?? (port == -1 && tlsPort == -1);
        if (tlsPort > 0 && !_automatic && _listen.IsAddress)
        {
            throw XmlFault.Unsupported(
                element.Attribute("tlsPort")!, "SPICE with TLS is not supported by this version", "Remove the attribute tlsPort.");
        }

        _port = _automatic || port == 0 ? null : port;
        _automatic |= port == -1;
        _keymap = Keymap(element);
        _password = new GraphicsPassword(element);
        _options = new SpiceOptions(element, context);
        if (!_listen.IsAddress)
            return;
        if (_automatic)
        {
            element.SetAttributeValue("port", null);
            element.SetAttributeValue("tlsPort", null);
            element.SetAttributeValue("autoport", "yes");
        }
        else
        {
            element.SetDefault("autoport", "no");
        }
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        _socket = _listen.SocketOf(arguments.Paths, Alias);
        var spice = new OptionString();
        if (_socket is not null)
        {
            spice.With("unix", true).With("addr", _socket);
        }
        else
        {
            LivePort = !_listen.IsAddress ? null : _automatic ? FreePorts.Next(_listen.Address) : _port;
            spice.With("port", LivePort ?? 0).With("addr", LivePort is null ? null : _listen.Address);
        }

        _options.AddTo(spice.With("disable-ticketing", _password.IsSet ? null : true));
        arguments.Add("-spice", spice.With("seamless-migration", true));
        if (_keymap is not null)
            arguments.Add("-k", _keymap);
    }

    /// <inheritdoc/>
    public override IEnumerable<PostStartCommand> PasswordCommands => _password.Commands();

    /// <inheritdoc/>
    public IEnumerable<PostStartCommand> PostStart() => PasswordCommands;

    /// <inheritdoc/>
    public override void WriteLive(XElement copy)
    {
        if (LivePort is { } port)
            copy.SetAttributeValue("port", port);
        GraphicsListen.WriteLive(copy, _socket);
    }

    /// <inheritdoc/>
    public override void ReadLive(XElement live)
    {
        LivePort = live.Integer("port", -1, 65535) is > 0 and var port ? port : null;
        _socket = live.Element("listen")?.Text("socket");
    }
}
