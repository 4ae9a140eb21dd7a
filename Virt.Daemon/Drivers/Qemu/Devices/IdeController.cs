using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>controller type='ide'</c>: the one that i440FX and isapc have on board, two channels of two drives.</summary>
internal sealed class IdeController : ControllerDevice
{
    public IdeController(XElement element, GuestContext context)
        : base(element, context)
    {
        if (context.MachineKind == MachineKind.Q35)
            throw XmlFault.Unsupported(
                element, $"the machine '{context.Machine.Name}' has no IDE", "Use bus='sata', or the machine 'pc'.");
        if (Index > 0)
            throw XmlFault.Unsupported(
                element, $"the machine '{context.Machine.Name}' has only one IDE controller",
                "Use bus='virtio' or bus='scsi' for more drives.");
    }

    /// <inheritdoc/>
    public override PciNeed PciNeed => Context.MachineKind == MachineKind.I440fx ? PciNeed.Fixed : PciNeed.None;

    /// <inheritdoc/>
    public override void Connect()
    {
        if (PciNeed == PciNeed.Fixed)
            PciAddress = PciAddress.ReadFixed(Element, new PciAddress(0, 1, 1));
    }

    /// <inheritdoc/>
    public override string Bus(int channel = 0) => $"ide.{channel}";

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => "ide";
}
