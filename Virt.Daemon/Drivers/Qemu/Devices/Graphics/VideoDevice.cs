using System.Globalization;
using System.Numerics;
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
    private const long MostMemory = uint.MaxValue / 1024;
    private readonly string _type;
    private readonly VideoModel _kind;
    private readonly bool _primary;
    private readonly bool _accelerated;
    private readonly (int X, int Y)? _resolution;
    private readonly XElement _model;
    private readonly int? _heads;

    public VideoDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        _model = element.Element("model") ?? new XElement("model");
        if (_model.Parent is null)
            element.AddFirst(_model);
        if (_model.Text("type") is null or "default")
            _model.SetAttributeValue("type", context.Capabilities.HasDevice("cirrus-vga") ? "cirrus" : "vga");
        _type = _model.Choice("type", [.. VideoModel.All.Keys, "gop", "vbox", "xen", "parallels"])!;
        _kind = VideoModel.All.GetValueOrDefault(_type) ?? throw XmlFault.Unsupported(_model, $"QEMU has no video '{_type}'");
        XElement[] all = [.. element.Parent!.Elements("video")];
        if (all.Length > 1 && all.Any(video => video.Element("model")?.Text("type") == "none"))
            throw XmlFault.Unsupported(element, "a domain with video 'none' has no other video");
        _primary = (all.FirstOrDefault(video => video.Element("model")?.Flag("primary") == true) ?? all[0]) == element;
        if (!_primary && _kind.Secondary is null)
            throw XmlFault.Unsupported(_model, $"video '{_type}' can only be the first", "Use 'virtio' or 'qxl' for further ones.");
        ReadMemory();
        _heads = ReadHeads();
        _resolution = ReadResolution();
        _accelerated = ReadAcceleration();
        if (_type == "ramfb" && element.Element("address") is { } address)
            throw XmlFault.Unsupported(address, "video 'ramfb' has no address");
        ReadDriver();
        if (Driver is { } driver)
            context.RequireDevice(_model, driver);
    }

    /// <inheritdoc/>
    public override PciNeed PciNeed => _type switch
    {
        "none" or "ramfb" => PciNeed.None,
        _ when Context.MachineKind == MachineKind.Isa => PciNeed.None,
        _ when _primary => PciNeed.PrimaryVideo,
        "virtio" => PciNeed.Express,
        _ => PciNeed.Conventional,
    };

    private string? Driver => (_type, Context.MachineKind) switch
    {
        ("none", _) => null,
        ("vga", MachineKind.Isa) => "isa-vga",
        ("cirrus", MachineKind.Isa) => "isa-cirrus-vga",
        ("virtio", _) when _accelerated => _primary ? "virtio-vga-gl" : "virtio-gpu-gl-pci",
        _ => _primary ? _kind.Primary : _kind.Secondary,
    };

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
                device.With("vgamem_mb", Memory("vram") / 1024);
                break;
            case "qxl":
                device.With("max_outputs", _heads).With("ram_size", Memory("ram") * 1024).With("vram_size", Memory("vram") * 1024)
                    .With("vram64_size_mb", (Memory("vram64") ?? 0) / 1024).With("vgamem_mb", Memory("vgamem") / 1024);
                break;
            case "virtio":
                device.With("max_outputs", _heads).With("blob", _model.Flag("blob")).WithVirtio(VirtioOptions.Read(Element));
                break;
            case "bochs":
                device.With("vgamem", Memory("vram") * 1024);
                break;
        }

        if (_resolution is { } size)
            device.With("xres", size.X).With("yres", size.Y);
        arguments.AddDevice(device);
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("video");

    private long? Memory(string attribute) => _model.Number(attribute, 0, MostMemory);

    private void ReadMemory()
    {
        if (_type == "qxl")
        {
            _model.SetAttributeValue("ram", RoundUp(Memory("ram") is > 0 and var ram ? ram : 65536));
            if (Memory("vgamem") is not > 0)
                _model.SetAttributeValue("vgamem", 16384);
            if (!BitOperations.IsPow2(AtLeastOne("vgamem")))
                throw XmlFault.Unsupported(_model.Attribute("vgamem")!, "vgamem must be a power of two");
        }
        else if ((_model.Attribute("ram") ?? _model.Attribute("vram64") ?? _model.Attribute("vgamem")) is { } only)
        {
            throw XmlFault.Unsupported(only, "only video 'qxl' has it");
        }

        if ((Memory("vram") is > 0 and var given ? given : _kind.Memory) is { } memory)
            _model.SetAttributeValue("vram", RoundUp(memory));
        if (_type is "vga" or "vmvga")
            AtLeastOne("vram");
    }

    private int? ReadHeads()
    {
        if (_type != "none")
            _model.SetDefault("heads", 1);
        int? heads = _model.Integer("heads", 0, 16);
        if (heads is 0)
            _model.SetAttributeValue("heads", heads = 1);
        if (heads > 1 && _type is not ("qxl" or "virtio"))
            throw XmlFault.Unsupported(_model.Attribute("heads")!, $"video '{_type}' has one head");
        if (_primary && _type != "none")
            _model.SetAttributeValue("primary", "yes");
        return heads;
    }

    private (int X, int Y)? ReadResolution()
    {
        if (_model.Element("resolution") is not { } resolution)
            return null;
        if (!_kind.HasResolution)
            throw XmlFault.Invalid(resolution, $"video '{_type}' cannot be told its resolution");
        return (resolution.Integer("x", 1, 16384) ?? throw XmlFault.Invalid(resolution, "the attribute x is missing"),
            resolution.Integer("y", 1, 16384) ?? throw XmlFault.Invalid(resolution, "the attribute y is missing"));
    }

    private bool ReadAcceleration()
    {
        if (_model.Element("acceleration") is not { } acceleration)
            return false;
        bool? three = acceleration.Flag("accel3d"), two = acceleration.Flag("accel2d");
        if (three is null && two is null && acceleration.Attribute("rendernode") is null)
            throw XmlFault.Unsupported(acceleration, "it says nothing");
        if (two == true)
            throw XmlFault.Unsupported(acceleration, "QEMU does not accelerate in two dimensions");
        if (acceleration.Attribute("rendernode") is { } node && Element.Element("driver")?.Text("name") != "vhostuser")
            throw XmlFault.Unsupported(node, "only video with driver name='vhostuser' has it");
        if (three == true && _type != "virtio")
            throw XmlFault.Unsupported(acceleration, "only video 'virtio' accelerates in three dimensions");
        return three == true;
    }

    private void ReadDriver()
    {
        if (Element.Element("driver") is not { } driver)
            return;
        string? name = driver.Choice("name", "qemu", "vhostuser");
        if (name == "vhostuser" && _type != "virtio")
            throw XmlFault.Unsupported(driver, "only video 'virtio' can have it");
        if (name == "vhostuser")
            Context.FailStart(driver, "a display in a process of its own is not supported by this version", "Use name='qemu'.");
        if (_type != "virtio" && driver.Attributes().Any(option => option.Name.LocalName is "iommu" or "ats" or "packed" or "page_per_vq"))
            throw XmlFault.Unsupported(driver, $"video '{_type}' is no virtio device");
    }

    private ulong AtLeastOne(string attribute) => Memory(attribute) is >= 1024 and var kibibytes
        ? (ulong)kibibytes
        : throw XmlFault.Unsupported(
            _model, string.Create(CultureInfo.InvariantCulture, $"{attribute} of video '{_type}' must be at least 1024 KiB"));

    private static long RoundUp(long kibibytes) => (long)BitOperations.RoundUpToPowerOf2((ulong)kibibytes);
}
