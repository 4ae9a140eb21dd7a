using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>controller type='fdc'</c>: on board of i440FX, an ISA device elsewhere.</summary>
internal sealed class FloppyController : ControllerDevice
{
    public FloppyController(XElement element, GuestContext context)
        : base(element, context)
    {
        if (Index > 0)
            throw XmlFault.Unsupported(element, "a machine has only one floppy controller");
    }

    private bool OnBoard => Context.MachineKind != MachineKind.Q35;

    /// <inheritdoc/>
    public override string Bus(int channel = 0) => OnBoard ? "floppy-bus.0" : base.Bus(channel);

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (!OnBoard)
            arguments.AddDevice(NewDevice("isa-fdc"));
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => $"fdc{Index}";
}
