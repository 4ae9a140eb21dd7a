using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>audio</c>: where sound goes on the host, and where it comes from.</summary>
internal sealed class AudioDevice : GuestDevice
{
    /// <summary>libvirt's names of QEMU's drivers.</summary>
    private static readonly Dictionary<string, string> Drivers = new(StringComparer.Ordinal)
    {
        ["none"] = "none", ["alsa"] = "alsa", ["coreaudio"] = "coreaudio", ["jack"] = "jack", ["oss"] = "oss", ["pulseaudio"] = "pa",
        ["sdl"] = "sdl", ["spice"] = "spice", ["file"] = "wav", ["dbus"] = "dbus",
    };

    private readonly JsonObject _options;

    public AudioDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        Type = element.Choice("type", [.. Drivers.Keys]) ?? throw XmlFault.Invalid(element, "the attribute type is missing");
        Number = element.Integer("id", 1, int.MaxValue) ?? throw XmlFault.Invalid(element, "the attribute id is missing");
        if (context.Of<AudioDevice>().Any(other => other.Number == Number))
            throw XmlFault.Invalid(element, $"two audio elements have the id {Number}");
        if (Type == "spice" && !element.Parent!.Elements("graphics").Any(graphics => graphics.Text("type") == "spice"))
            throw XmlFault.Unsupported(element, "audio of type 'spice' needs graphics of type 'spice'");
        if (Type == "coreaudio")
            context.FailStart(element, "audio of type 'coreaudio' is not for Linux hosts");
        _options = Options(element);
    }

    /// <summary>The type: <c>none</c>, <c>alsa</c>, <c>pulseaudio</c>, ...</summary>
    public string Type { get; }

    /// <summary>The number by which others name it.</summary>
    public int Number { get; }

    /// <summary>QEMU's id of it.</summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"audio{Number}");

    /// <inheritdoc/>
    public override bool ShowsAlias => false;

    /// <summary>Adds what sound goes to when the definition does not say: to SPICE, or nowhere.</summary>
    public static void ImplyDefault(GuestContext context)
    {
        if (context.Of<AudioDevice>().Any())
            return;
        string? type = "none";
        string[] graphics = [.. context.General.Section("devices").Elements("graphics").Select(found => found.Text("type") ?? "")];
        if (graphics.Length > 0)
        {
            type = graphics.LastOrDefault(found => found is "vnc" or "spice" or "sdl") switch
            {
                "vnc" => "none",
                "spice" => "spice",
                _ => null,
            };
        }

        if (type is not null)
            context.Imply(new XElement("audio", new XAttribute("id", 1), new XAttribute("type", type)));
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (Type == "sdl" && Element.Text("driver") is { } driver)
            arguments.Environment["SDL_AUDIODRIVER"] = driver;
        arguments.Add("-audiodev", (JsonObject)_options.DeepClone());
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => Id;

    private JsonObject Options(XElement element)
    {
        JsonObject options = new JsonObject { ["id"] = Id, ["driver"] = Drivers[Type] }
            .With("timer-period", element.Number("timerPeriod", 1, uint.MaxValue));
        switch (Type)
        {
            case "oss":
                options.With("try-mmap", element.Flag("tryMMap")).With("exclusive", element.Flag("exclusive"))
                    .With("dsp-policy", element.Number("dspPolicy", 0, uint.MaxValue));
                break;
            case "pulseaudio":
                options.With("server", element.Text("serverName"));
                break;
            case "sdl":
                _ = element.Choice("driver", "esd", "alsa", "arts", "pulseaudio");
                break;
            case "file":
                options.With("path", element.Text("path"));
                break;
        }

        return options.WithObject("in", AudioStream.Read(Type, element.Element("input")))
            .WithObject("out", AudioStream.Read(Type, element.Element("output")));
    }
}
