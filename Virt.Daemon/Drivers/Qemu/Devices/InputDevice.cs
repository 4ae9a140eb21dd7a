using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>input</c>: keyboard, mouse or tablet, or one of the host's (<c>passthrough</c> as a device of its own,
/// <c>evdev</c> into the guest's keyboard and mouse). Those on PS/2 are part of every PC.</summary>
internal sealed class InputDevice : GuestDevice, IUsbDevice
{
    private readonly string _type;
    private readonly string _bus;
    private readonly string? _hostDevice;
    private readonly VirtioOptions? _virtio;

    public InputDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        _type = element.Choice("type", "mouse", "keyboard", "tablet", "passthrough", "evdev")
            ?? throw XmlFault.Invalid(element, "the attribute type is missing");
        _bus = element.Choice("bus", "ps2", "usb", "virtio", "xen", "parallels", "none") ?? DefaultBus;
        bool fits = _type switch
        {
            "passthrough" => _bus == "virtio",
            "evdev" => _bus == "none",
            "tablet" => _bus is "usb" or "virtio",
            _ => _bus is "ps2" or "usb" or "virtio",
        };
        if (!fits)
            throw XmlFault.Unsupported(element, $"QEMU has no {_type} on bus '{_bus}'");
        if (element.Choice("model", "virtio", "virtio-transitional", "virtio-non-transitional") is { } model)
            CheckModel(element, model);
        if (_type is "passthrough" or "evdev")
            _hostDevice = ReadHostDevice(element);
        if (Driver is { } driver)
            context.RequireDevice(element, driver);
        _virtio = _bus == "virtio" ? VirtioOptions.Read(element) : null;
        if (_bus != "none")
            element.SetAttributeValue("bus", _bus);
    }

    /// <inheritdoc/>
    public bool IsOnUsb => _bus == "usb";

    /// <inheritdoc/>
    public UsbPort? UsbPort { get; set; }

    /// <inheritdoc/>
    public override PciNeed PciNeed => _bus == "virtio" ? PciNeed.Express : PciNeed.None;

    private string DefaultBus => _type switch
    {
        "tablet" => "usb",
        "passthrough" => "virtio",
        "evdev" => "none",
        _ => "ps2",
    };

    private string? Driver => (_bus, _type) switch
    {
        ("usb", "mouse") => "usb-mouse",
        ("usb", "keyboard") => "usb-kbd",
        ("usb", _) => "usb-tablet",
        ("virtio", "passthrough") => "virtio-input-host-pci",
        ("virtio", _) => $"virtio-{_type}-pci",
        _ => null,
    };

    /// <summary>Adds the PS/2 mouse and keyboard that a PC has.</summary>
    public static void ImplyDefaults(GuestContext context)
    {
        foreach (string type in (ReadOnlySpan<string>)["mouse", "keyboard"])
        {
            if (!context.Of<InputDevice>().Any(input => input._type == type && input._bus == "ps2"))
                context.Imply(new XElement("input", new XAttribute("type", type), new XAttribute("bus", "ps2")));
        }
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (Driver is { } driver)
            arguments.AddDevice(NewDevice(driver).With("evdev", _hostDevice).OnUsb(UsbPort, Context).WithVirtio(_virtio));
        else if (_type == "evdev")
            arguments.AddObject(HostInput());
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("input");

    private JsonObject HostInput()
    {
        XElement source = Element.Element("source")!;
        return JsonProperties.Object("input-linux", Alias).With("evdev", _hostDevice).With("repeat", source.Flag("repeat"))
            .With("grab_all", source.Text("grab") == "all" ? true : null).With("grab-toggle", source.Text("grabToggle"));
    }

    private string ReadHostDevice(XElement element)
    {
        XElement source = element.Element("source") ?? throw XmlFault.Invalid(element, "the element source is missing");
        string attribute = _type == "evdev" ? "dev" : "evdev";
        if (_type == "evdev")
        {
            _ = source.Choice("grab", "all");
            _ = source.Choice("grabToggle", "ctrl-ctrl", "alt-alt", "shift-shift", "meta-meta", "scrolllock", "ctrl-scrolllock");
            _ = source.Flag("repeat");
        }

        return source.AbsolutePath(attribute) ?? throw XmlFault.Invalid(source, $"the attribute {attribute} is missing");
    }

    private void CheckModel(XElement element, string model)
    {
        if (_bus != "virtio")
            throw XmlFault.Unsupported(element.Attribute("model")!, "only an input device on bus='virtio' has it");
        if (model != "virtio")
            throw XmlFault.Unsupported(element.Attribute("model")!, $"QEMU has no {_type} of model '{model}'", "Use model='virtio'.");
    }
}
