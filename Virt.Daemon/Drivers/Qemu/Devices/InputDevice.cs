using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>input</c>: keyboard, mouse or tablet. Those on PS/2 are part of every PC.</summary>
internal sealed class InputDevice : GuestDevice, IUsbDevice
{
    private readonly string _type;
    private readonly string _bus;
    private readonly VirtioOptions? _virtio;

    public InputDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        _type = element.Choice("type", "mouse", "keyboard", "tablet", "passthrough", "evdev")
            ?? throw XmlFault.Invalid(element, "the attribute type is missing");
        if (_type is "passthrough" or "evdev")
            throw XmlFault.Unsupported(element, $"an input device of type '{_type}' is not supported by this version");
        _bus = element.Choice("bus", "ps2", "usb", "virtio", "xen", "parallels", "none") ?? (_type == "tablet" ? "usb" : "ps2");
        if (_bus is not ("ps2" or "usb" or "virtio") || (_bus == "ps2" && _type == "tablet"))
            throw XmlFault.Unsupported(element, $"QEMU has no {_type} on bus '{_bus}'");
        if (Driver is { } driver)
            context.RequireDevice(element, driver);
        _virtio = _bus == "virtio" ? VirtioOptions.Read(element) : null;
        element.SetAttributeValue("bus", _bus);
    }

    /// <inheritdoc/>
    public bool IsOnUsb => _bus == "usb";

    /// <inheritdoc/>
    public UsbPort? UsbPort { get; set; }

    /// <inheritdoc/>
    public override PciNeed PciNeed => _bus == "virtio" ? PciNeed.Express : PciNeed.None;

    private string? Driver => (_bus, _type) switch
    {
        ("usb", "mouse") => "usb-mouse",
        ("usb", "keyboard") => "usb-kbd",
        ("usb", _) => "usb-tablet",
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
            arguments.AddDevice(NewDevice(driver).OnUsb(UsbPort, Context).WithVirtio(_virtio));
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("input");
}
