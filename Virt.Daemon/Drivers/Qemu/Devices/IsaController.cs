using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>controller type='isa'</c>: the ISA bus that every PC has on board; nothing to add.</summary>
internal sealed class IsaController(XElement element, GuestContext context) : ControllerDevice(element, context)
{
    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => $"isa{Index}";
}
