using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>graphics type='sdl'</c>: a window on an X display of the host.</summary>
internal sealed class SdlGraphics : GraphicsDevice
{
    private readonly string? _display;
    private readonly string? _authority;
    private readonly bool? _gl;

    public SdlGraphics(XElement element, GuestContext context)
        : base(element, context)
    {
        _display = element.Text("display");
        _authority = element.AbsolutePath("xauth");
        if (element.Element("gl") is { } gl)
            _gl = gl.Flag("enable") ?? throw XmlFault.Invalid(gl, "the attribute enable is missing");
        if (element.Flag("fullscreen") is { } full)
            Fullscreen = full ? true : null;
    }

    /// <inheritdoc/>
    public override string Display =>
        new OptionString("sdl").With("gl", _gl).With("full-screen", Fullscreen).ToString();

    private bool? Fullscreen { get; }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (_display is not null)
            arguments.Environment["DISPLAY"] = _display;
        if (_authority is not null)
            arguments.Environment["XAUTHORITY"] = _authority;
    }
}
