using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>watchdog</c>: a timer that acts when the guest stops feeding it. The action <c>dump</c> is the daemon's: QEMU
/// pauses the guest for it.</summary>
internal sealed class WatchdogDevice : GuestDevice
{
    private readonly string _model;
    private readonly string _action;

    public WatchdogDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        _model = element.Choice("model", "i6300esb", "ib700", "itco", "diag288")
            ?? throw XmlFault.Invalid(element, "the attribute model is missing");
        if (_model == "diag288" || (_model == "itco" && context.MachineKind != MachineKind.Q35))
            throw XmlFault.Unsupported(element, $"the machine '{context.Machine.Name}' has no watchdog '{_model}'");
        if (_model != "itco")
            context.RequireDevice(element, _model);
        _action = element.Choice("action", "reset", "shutdown", "poweroff", "pause", "none", "dump", "inject-nmi") ?? "reset";
        if (context.Of<WatchdogDevice>().Any(other => other._model == _model || other._action != _action))
            throw XmlFault.Invalid(element, "several watchdogs must be of different models and have the same action");
        element.SetAttributeValue("action", _action);
    }

    /// <inheritdoc/>
    public override PciNeed PciNeed => _model == "i6300esb" ? PciNeed.Conventional : PciNeed.None;

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (_model == "itco")
            arguments.Add("-global", "ICH9-LPC.noreboot=off");
        else
            arguments.AddDevice(NewDevice(_model));
        if (Context.Of<WatchdogDevice>().First() == this)
            arguments.Add("-action", new OptionString().With("watchdog", _action == "dump" ? "pause" : _action));
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("watchdog");
}
