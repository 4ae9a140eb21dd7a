using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>lease</c>: something a lock manager holds for the guest while it runs. Without a lock manager the guest must not
/// start.</summary>
internal sealed class LeaseDevice : GuestDevice
{
    public LeaseDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        foreach (string child in (ReadOnlySpan<string>)["key", "target"])
        {
            if (element.Element(child) is null)
                throw XmlFault.Invalid(element, $"the element {child} is missing");
        }

        context.FailStart(element, "a lease needs a lock manager, and this host has none", "Remove the element.");
    }

    /// <inheritdoc/>
    public override bool ShowsAlias => false;

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("lease");
}
