using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>panic</c>: tells the host that the guest's kernel has crashed.</summary>
internal sealed class PanicDevice : GuestDevice
{
    private readonly string _model;

    public PanicDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        _model = element.Choice("model", "isa", "pvpanic", "hyperv", "pseries", "s390") ?? "isa";
        if (_model is "pseries" or "s390")
            throw XmlFault.Unsupported(element, $"the machine '{context.Machine.Name}' has no panic device '{_model}'");
        if (context.Of<PanicDevice>().Any(other => other._model == _model))
            throw XmlFault.Unsupported(element, $"two panic devices are of the model '{_model}'");
        if (!IsHyperv)
            context.RequireDevice(element, Driver);
        element.SetAttributeValue("model", _model);
    }

    /// <summary>Whether it is a register of the Hyper-V interface, which the CPU section turns on.</summary>
    public bool IsHyperv => _model == "hyperv";

    /// <inheritdoc/>
    public override PciNeed PciNeed => _model == "pvpanic" ? PciNeed.Conventional : PciNeed.None;

    private string Driver => _model == "pvpanic" ? "pvpanic-pci" : "pvpanic";

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (!IsHyperv)
        {
            long? port = _model == "isa" ? Element.Element("address")?.Number("iobase", 0, 0xffff) : null;
            arguments.AddDevice(NewDevice(Driver).With("ioport", port));
        }
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("panic");
}
