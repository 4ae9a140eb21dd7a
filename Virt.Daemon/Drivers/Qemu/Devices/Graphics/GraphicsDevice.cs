using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>graphics</c>: where the guest's displays are seen. One of each type.</summary>
internal abstract class GraphicsDevice : GuestDevice
{
    protected GraphicsDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        if (context.Of<GraphicsDevice>().Any(other => other.Type == Type))
            context.FailStart(element, $"QEMU has only one graphics of type '{Type}' per guest");
        if (element.Parent!.Elements("graphics").Any(other => other.Text("type") == "egl-headless") && Type is not ("egl-headless" or "vnc" or "spice"))
            throw XmlFault.Unsupported(element, "graphics of type 'egl-headless' go only with 'vnc' and 'spice'");
    }

    /// <summary>The port QEMU listens on; null while it does not run, and when it is not TCP.</summary>
    public int? LivePort { get; protected set; }

    /// <summary>What <c>-display</c> is given; null when it is none of its kinds.</summary>
    public virtual string? Display => null;

    /// <summary>What the monitor is told to set the password; nothing when there is none.</summary>
    public virtual IEnumerable<PostStartCommand> PasswordCommands => [];

    /// <inheritdoc/>
    public override bool ShowsAlias => false;

    /// <summary>The type: <c>vnc</c>, <c>spice</c>, ...</summary>
    protected string Type => Element.Text("type")!;

    /// <summary>Reads graphics of any type.</summary>
    public static GuestDevice Create(XElement element, GuestContext context) => element.Required("type") switch
    {
        "vnc" => new VncGraphics(element, context),
        "spice" => new SpiceGraphics(element, context),
        "egl-headless" => new EglHeadlessGraphics(element, context),
        "sdl" => new SdlGraphics(element, context),
        "dbus" => new DBusGraphics(element, context),
        "rdp" or "desktop" => throw XmlFault.Unsupported(
            element, $"QEMU has no graphics of type '{element.Text("type")}'", "Use 'vnc' or 'spice'."),
        var other => throw XmlFault.Invalid(element.Attribute("type")!, $"'{other}' is not a type of graphics"),
    };

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("graphics");

    /// <summary>The <c>keymap</c>, checked; null when the guest has none.</summary>
    protected static string? Keymap(XElement element) => element.Attribute("keymap") switch
    {
        null => null,
        { Value: { Length: > 0 and <= 32 } name } when char.IsAsciiLetter(name[0])
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') => name,
        var other => throw XmlFault.Invalid(other, $"'{other.Value}' is not a keymap"),
    };
}
