using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>controller type='sata'</c>: an AHCI controller with six ports. Q35 has the first on board.</summary>
internal sealed class SataController : ControllerDevice
{
    public SataController(XElement element, GuestContext context)
        : base(element, context) => context.RequireDevice(element, "ich9-ahci");

    /// <inheritdoc/>
    public override PciNeed PciNeed => OnBoard ? PciNeed.Fixed : PciNeed.Conventional;

    private bool OnBoard => Index == 0 && Context.MachineKind == MachineKind.Q35;

    /// <inheritdoc/>
    public override void Connect()
    {
        if (OnBoard)
            PciAddress = PciAddress.ReadFixed(Element, new PciAddress(0, 0x1f, 2));
    }

    /// <inheritdoc/>
    public override string Bus(int channel = 0) => OnBoard ? $"ide.{channel}" : base.Bus(channel);

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (!OnBoard)
            arguments.AddDevice(NewDevice("ich9-ahci"));
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => OnBoard ? "ide" : $"sata{Index}";
}
