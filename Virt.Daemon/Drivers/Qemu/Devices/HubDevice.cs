using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>hub</c>: eight more USB ports.</summary>
internal sealed class HubDevice : GuestDevice, IUsbDevice
{
    /// <summary>How many ports a hub has.</summary>
    public const int Ports = 8;

    public HubDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        if (element.Choice("type", "usb") is null)
            throw XmlFault.Invalid(element, "the attribute type is missing");
        context.RequireDevice(element, "usb-hub");
    }

    /// <inheritdoc/>
    public bool IsOnUsb => true;

    /// <inheritdoc/>
    public UsbPort? UsbPort { get; set; }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments) => arguments.AddDevice(NewDevice("usb-hub").OnUsb(UsbPort, Context));

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("hub");
}
