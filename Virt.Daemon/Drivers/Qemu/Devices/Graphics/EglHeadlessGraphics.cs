using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>graphics type='egl-headless'</c>: draws with the host's GPU, for VNC or SPICE to show.</summary>
internal sealed class EglHeadlessGraphics(XElement element, GuestContext context) : GraphicsDevice(element, context)
{
    private readonly RenderNode _node = new(element, context, needed: true);

    /// <inheritdoc/>
    public override string Display => new OptionString("egl-headless").With("rendernode", _node.Path).ToString();
}
