using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
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
        if (_model == "pvpanic")
            throw XmlFault.Unsupported(
                element, "the panic device 'pvpanic' is not supported by this version", "Use model='isa'.");
        if (context.Of<PanicDevice>().Any(other => other._model == _model))
            throw XmlFault.Invalid(element, $"two panic devices are of the model '{_model}'");
        if (_model == "isa")
            context.RequireDevice(element, "pvpanic");
        element.SetAttributeValue("model", _model);
    }

    /// <summary>Whether it is a register of the Hyper-V interface, which the CPU section turns on.</summary>
    public bool IsHyperv => _model == "hyperv";

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (!IsHyperv)
            arguments.AddDevice(NewDevice("pvpanic").With("ioport", Element.Element("address")?.Number("iobase", 0, 0xffff)));
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("panic");
}
