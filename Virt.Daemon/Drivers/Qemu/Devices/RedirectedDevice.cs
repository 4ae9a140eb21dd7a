using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>redirdev</c>: a USB socket into which a viewer, or who connects to its back end, plugs devices.</summary>
internal sealed class RedirectedDevice : GuestDevice, ICharacterDevice, IUsbDevice
{
    private const string Driver = "usb-redir";

    public RedirectedDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        _ = element.Choice("bus", "usb");
        element.SetAttributeValue("bus", "usb");
        Backend = new CharacterBackend(element, context, defaultType: null);
        context.RequireDevice(element, Driver);
    }

    /// <inheritdoc/>
    public CharacterBackend Backend { get; }

    /// <inheritdoc/>
    public override string BootClass => "redirdev";

    /// <inheritdoc/>
    public bool IsOnUsb => true;

    /// <inheritdoc/>
    public UsbPort? UsbPort { get; set; }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        string chardev = Backend.AddTo(arguments, Alias);
        arguments.AddDevice(NewDevice(Driver).With("chardev", chardev).With("filter", Context.Of<RedirectionFilter>().FirstOrDefault()?.Rules)
            .With("bootindex", BootIndex).OnUsb(UsbPort, Context));
    }

    /// <inheritdoc/>
    public override void WriteLive(XElement copy) => Backend.WriteLive(copy);

    /// <inheritdoc/>
    public override void ReadLive(XElement live) => Backend.ReadLive(live);

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("redir");
}
