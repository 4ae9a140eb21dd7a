using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>controller type='ccid'</c>: a reader for one smart card, on USB.</summary>
internal sealed class CcidController : ControllerDevice, IUsbDevice
{
    private const string Driver = "usb-ccid";

    public CcidController(XElement element, GuestContext context)
        : base(element, context) => context.RequireDevice(element, Driver);

    /// <inheritdoc/>
    public bool IsOnUsb => true;

    /// <inheritdoc/>
    public UsbPort? UsbPort { get; set; }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments) => arguments.AddDevice(NewDevice(Driver).OnUsb(UsbPort, Context));

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => $"ccid{Index}";
}
