using System.Globalization;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Daemon.Drivers.Qemu.Resources.Passthrough;
using Virt.Domains.Definition;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>hostdev type='usb'</c>: a USB device of the host, named by vendor and product, or by where it is plugged in.</summary>
internal sealed class UsbHostDevice : HostDevice, IUsbDevice
{
    private readonly (int Vendor, int Product)? _kind;
    private readonly HostUsbDevice? _place;
    private readonly string _policy;
    private readonly string? _reset;

    public UsbHostDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        CheckAddress("usb");
        element.SetDefault("managed", "no");
        _policy = Source.Choice("startupPolicy", "mandatory", "requisite", "optional") ?? "mandatory";
        _reset = Source.Choice("guestReset", "off", "uninitialized", "on");
        _ = Source.Flag("autoAddress");
        XElement? vendor = Source.Element("vendor");
        XElement? product = Source.Element("product");
        if ((vendor is null) != (product is null))
            throw XmlFault.Invalid(Source, $"the element {(vendor is null ? "vendor" : "product")} is missing");
        if (vendor is not null)
        {
            _kind = (vendor.Integer("id", 1, 0xffff) ?? throw XmlFault.Invalid(vendor, "the attribute id is missing"),
                product!.Integer("id", 0, 0xffff) ?? throw XmlFault.Invalid(product!, "the attribute id is missing"));
        }

        if (Source.Element("address") is { } address)
        {
            _place = new HostUsbDevice(
                address.Integer("bus", 0, 999) ?? throw XmlFault.Invalid(address, "the attribute bus is missing"),
                address.Integer("device", 0, 999) ?? throw XmlFault.Invalid(address, "the attribute device is missing"));
        }

        if (_kind is null && _place is null)
            throw XmlFault.Invalid(Source, "it names no device", "Give vendor and product, or an address with bus and device.");
        context.RequireDevice(element, "usb-host");
    }

    /// <inheritdoc/>
    public bool IsOnUsb => true;

    /// <inheritdoc/>
    public UsbPort? UsbPort { get; set; }

    /// <inheritdoc/>
    public override IEnumerable<GuestFile> Files
    {
        get
        {
            if (Find() is { } found)
                yield return new GuestFile("USB device", found.Path, FileNeed.Write);
        }
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (Find() is not { } found)
            return;
        arguments.AddDevice(NewDevice("usb-host").With("hostdevice", found.Path).OnUsb(UsbPort, Context).With("bootindex", BootIndex)
            .With("guest-reset", _reset switch { null => null, "off" => false, _ => true })
            .With("guest-resets-all", _reset switch { "on" => true, "uninitialized" => false, _ => null }));
    }

    /// <summary>The device; null when it is not plugged in and may be missing.</summary>
    private HostUsbDevice? Find()
    {
        if (_kind is not { } kind)
            return File.Exists(_place!.Value.Path) || _policy == "optional" ? Present(_place.Value) : throw Missing($"no USB device at {_place.Value.Path}");
        IReadOnlyList<HostUsbDevice> found = HostUsbDevice.Find(kind.Vendor, kind.Product);
        string name = string.Create(CultureInfo.InvariantCulture, $"{kind.Vendor:x4}:{kind.Product:x4}");
        if (_place is { } place && found.Contains(place))
            return place;
        return found.Count switch
        {
            1 => found[0],
            0 when _policy == "optional" => null,
            0 => throw Missing($"no USB device {name}"),
            _ => throw XmlFault.Unsupported(
                Source, $"the host has several USB devices {name}", "Add <address bus='...' device='...'/> to tell which."),
        };
    }

    private static HostUsbDevice? Present(HostUsbDevice device) => File.Exists(device.Path) ? device : null;

    private VirtException Missing(string what) =>
        XmlFault.Unsupported(Source, $"the host has {what}", "Plug it in, or say startupPolicy='optional'.");
}
