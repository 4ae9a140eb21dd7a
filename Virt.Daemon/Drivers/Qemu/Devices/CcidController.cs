using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>controller type='ccid'</c>: a USB reader for one smart card.</summary>
internal sealed class CcidController : ControllerDevice, IUsbDevice
{
    public CcidController(XElement element, GuestContext context)
        : base(element, context) => context.RequireDevice(element, "usb-ccid");

    /// <inheritdoc/>
    public bool IsOnUsb => true;

    /// <inheritdoc/>
    public UsbPort? UsbPort { get; set; }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments) => arguments.AddDevice(NewDevice("usb-ccid").OnUsb(UsbPort, Context));

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => $"ccid{Index}";
}
