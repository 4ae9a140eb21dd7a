using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>graphics type='dbus'</c>: a display on a D-Bus, or on connections that the monitor is given (<c>p2p</c>).</summary>
internal sealed class DBusGraphics : GraphicsDevice
{
    private readonly bool _peer;
    private readonly string? _address;
    private readonly bool? _gl;
    private readonly RenderNode _node;
    private readonly AudioReference _audio;

    public DBusGraphics(XElement element, GuestContext context)
        : base(element, context)
    {
        _peer = element.Flag("p2p") == true;
        _address = element.Text("address");
        if (element.Element("gl") is { } gl)
            _gl = gl.Flag("enable") ?? throw XmlFault.Invalid(gl, "the attribute enable is missing");
        _node = new RenderNode(element, context, _gl == true);
        _audio = new AudioReference(element, context);
        if (!_peer && string.IsNullOrEmpty(_address))
            context.FailStart(element, "it needs the address of a bus", "Give the attribute address, or p2p='yes'.");
    }

    /// <inheritdoc/>
    public override string Display => new OptionString("dbus").With("p2p", _peer ? true : null).With("addr", _peer ? null : _address)
        .With("gl", _gl).With("rendernode", _node.IsNeeded ? _node.Path : null)
        .With("audiodev", _audio.IsGiven ? _audio.Id : null).ToString();

    /// <inheritdoc/>
    public override void Connect()
    {
        if (_audio is { IsGiven: true, Audio.Type: not "dbus" })
            throw XmlFault.Unsupported(Element.Element("audio")!, "the audio of a D-Bus display is one of type 'dbus'");
        _audio.Check();
    }
}
