using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>video</c>: a graphics card. The first, or the one with <c>primary='yes'</c>, is what the firmware draws
/// on.</summary>
internal sealed class VideoDevice : GuestDevice
{
    /// <summary>Per model: the device as first display, as further one (null: cannot be), and libvirt's video memory in
    /// KiB.</summary>
    private static readonly Dictionary<string, (string Primary, string? Secondary, long? Memory)> Models = new(StringComparer.Ordinal)
    {
        ["vga"] = ("VGA", null, 16384),
        ["cirrus"] = ("cirrus-vga", null, 16384),
        ["vmvga"] = ("vmware-svga", null, 16384),
        ["qxl"] = ("qxl-vga", "qxl", 65536),
        ["virtio"] = ("virtio-vga", "virtio-gpu-pci", null),
        ["bochs"] = ("bochs-display", "bochs-display", 16384),
        ["ramfb"] = ("ramfb", null, null),
        ["none"] = ("", null, null),
    };

    private readonly string _type;
    private readonly bool _primary;
    private readonly long? _memory;
    private readonly (int X, int Y)? _resolution;
    private readonly XElement _model;

    public VideoDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        _model = element.Element("model") ?? new XElement("model");
        if (_model.Parent is null)
            element.AddFirst(_model);
        if (_model.Text("type") is null or "default")
            _model.SetAttributeValue("type", "vga");
        _type = _model.Choice("type", [.. Models.Keys, "gop", "vbox", "xen", "parallels"])!;
        if (!Models.TryGetValue(_type, out (string Primary, string? Secondary, long? Memory) kind))
            throw XmlFault.Unsupported(_model, $"QEMU has no video '{_type}'");
        XElement[] all = [.. element.Parent!.Elements("video")];
        if (all.Length > 1 && all.Any(video => video.Element("model")?.Text("type") == "none"))
            throw XmlFault.Invalid(element, "a domain with video 'none' has no other video");
        _primary = (all.FirstOrDefault(video => video.Element("model")?.Flag("primary") == true) ?? all[0]) == element;
        if (_primary && _type != "none")
            _model.SetAttributeValue("primary", "yes");
        if (!_primary && kind.Secondary is null)
            throw XmlFault.Unsupported(
                _model, $"video '{_type}' can only be the first", "Use 'virtio', 'qxl' or 'bochs' for further ones.");
        if (_model.Element("acceleration")?.Flag("accel3d") == true)
            throw XmlFault.Unsupported(_model, "3D acceleration is not supported by this version");
        if (Driver is { } driver)
            context.RequireDevice(_model, driver);
        _memory = _model.Number("vram", 1, int.MaxValue) ?? kind.Memory;
        if (kind.Memory is not null)
            _model.SetDefault("vram", _memory!);
        if (_type == "qxl")
        {
            _model.SetDefault("ram", 65536);
            _model.SetDefault("vgamem", 16384);
        }

        if (_type != "none")
            _model.SetDefault("heads", 1);
        Heads = _model.Integer("heads", 0, 16);
        if (_model.Element("resolution") is { } resolution)
            _resolution = (resolution.Integer("x", 1, 16384) ?? 0, resolution.Integer("y", 1, 16384) ?? 0);
    }

    /// <inheritdoc/>
    public override PciNeed PciNeed => _type switch
    {
        "none" or "ramfb" => PciNeed.None,
        _ when Context.MachineKind == MachineKind.Isa => PciNeed.None,
        _ when _primary => PciNeed.PrimaryVideo,
        "virtio" or "bochs" => PciNeed.Express,
        _ => PciNeed.Conventional,
    };

    private string? Driver => (_type, Context.MachineKind) switch
    {
        ("none", _) => null,
        ("vga", MachineKind.Isa) => "isa-vga",
        ("cirrus", MachineKind.Isa) => "isa-cirrus-vga",
        _ => _primary ? Models[_type].Primary : Models[_type].Secondary,
    };

    private int? Heads { get; }

    /// <summary>Adds a card when there are graphics and the definition has none.</summary>
    public static void ImplyDefault(GuestContext context)
    {
        if (context.Of<GraphicsDevice>().Any() && !context.Of<VideoDevice>().Any())
            context.Imply(new XElement("video"));
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (Driver is not { } driver)
            return;
        JsonObject device = NewDevice(driver);
        switch (_type)
        {
            case "vga" or "vmvga":
                device.With("vgamem_mb", Mebibytes("vram", _memory));
                break;
            case "qxl":
                device.With("ram_size", _model.Number("ram", 1, int.MaxValue) * 1024).With("vram_size", _memory * 1024)
                    .With("vram64_size_mb", _model.Number("vram64", 0, int.MaxValue) / 1024)
                    .With("vgamem_mb", Mebibytes("vgamem", _model.Number("vgamem", 1, int.MaxValue))).With("max_outputs", Heads);
                break;
            case "virtio":
                device.With("max_outputs", Heads).With("blob", _model.Flag("blob")).WithVirtio(VirtioOptions.Read(Element));
                break;
            case "bochs":
                device.With("vgamem", _memory is { } kibibytes ? kibibytes * 1024 : null);
                break;
        }

        if (_resolution is { } size && _type is ("vga" or "qxl" or "virtio" or "bochs"))
            device.With("xres", size.X).With("yres", size.Y);
        arguments.AddDevice(device);
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("video");

    private long Mebibytes(string attribute, long? kibibytes) => kibibytes is >= 1024
        ? (long)kibibytes / 1024
        : throw XmlFault.Invalid(
            _model, string.Create(CultureInfo.InvariantCulture, $"{attribute} of video '{_type}' must be at least 1024 KiB"));
}
