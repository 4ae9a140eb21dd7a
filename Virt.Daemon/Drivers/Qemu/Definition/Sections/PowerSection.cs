using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Domains;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary>
/// <c>on_poweroff</c>, <c>on_reboot</c>, <c>on_crash</c> and <c>pm</c>. QEMU stays (<c>-no-shutdown</c>) and tells the
/// supervisor, who acts; only a reboot that must not happen is turned into a shutdown by QEMU itself.
/// </summary>
internal sealed class PowerSection : GuestSection
{
    private readonly XElement? _power;

    public PowerSection(GuestContext context)
        : base(context)
    {
        DomainDefinition general = context.General;
        foreach ((string name, LifecycleAction action) in ((string, LifecycleAction)[])
            [("on_poweroff", general.OnPoweroff), ("on_reboot", general.OnReboot), ("on_crash", general.OnCrash)])
        {
            bool dumps = action is LifecycleAction.CoredumpDestroy or LifecycleAction.CoredumpRestart;
            if (action == LifecycleAction.RenameRestart || (dumps && name != "on_crash"))
                throw XmlFault.Unsupported(
                    general.Section(name), $"QEMU domains do not have the action '{general.Section(name).Value.Trim()}' here");
        }

        general.OnPoweroff = general.OnPoweroff;
        general.OnReboot = general.OnReboot;
        general.OnCrash = general.OnCrash;
        _power = general.Root.Element("pm");
        if (general.Root.Element("on_lockfailure") is { } lockFailure)
            context.Warn(lockFailure, "has no effect: there is no lock manager");
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (Context.General.OnReboot != LifecycleAction.Restart)
            arguments.Add("-action", "reboot=shutdown");
        string chip = Context.MachineKind == MachineKind.Q35 ? "ICH9-LPC" : "PIIX4_PM";
        if (Context.MachineKind == MachineKind.Isa)
            return;
        if (_power?.Element("suspend-to-mem")?.Flag("enabled") is { } memory)
            arguments.Add("-global", $"{chip}.disable_s3={(memory ? 0 : 1)}");
        if (_power?.Element("suspend-to-disk")?.Flag("enabled") is { } disk)
            arguments.Add("-global", $"{chip}.disable_s4={(disk ? 0 : 1)}");
    }
}
