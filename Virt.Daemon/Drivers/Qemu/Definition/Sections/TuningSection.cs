using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition.Tuning;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Daemon.Drivers.Qemu.Resources.Groups;

namespace Virt.Daemon.Drivers.Qemu.Definition.Sections;

/// <summary><c>cputune</c>, <c>memtune</c>, <c>blkiotune</c>: what of the host QEMU's threads run on, and how much they
/// take.</summary>
internal sealed class TuningSection : GuestSection
{
    private readonly GroupLimits _limits;

    public TuningSection(GuestContext context)
        : base(context)
    {
        _ = ThreadTuning.Read(context.General);
        _limits = GroupLimits.Read(context);
        XElement? tuning = context.General.Root.Element("cputune");
        foreach (XElement pin in tuning?.Elements("vcpupin") ?? [])
        {
            if (pin.Integer("vcpu", 0, int.MaxValue) >= context.General.MaximumVCpu)
                context.Warn(pin, "has no effect: the domain has no such virtual CPU");
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<IHostResource> Resources => _limits.IsEmpty ? [] : [new GuestGroup(_limits)];
}
