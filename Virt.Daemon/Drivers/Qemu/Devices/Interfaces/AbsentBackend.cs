using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>A type of libvirt's that is for other hypervisors: kept in a definition, refused at start.</summary>
internal sealed class AbsentBackend : InterfaceBackend
{
    public AbsentBackend(InterfaceCard card, string type, params string[] required)
        : base(card.Element, card.Context)
    {
        foreach (string attribute in required)
            _ = Source.Required(attribute);
        Context.FailStart(Element.Attribute("type")!, $"QEMU has no interface of type '{type}'", "Use user, bridge, ethernet or direct.");
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments, string alias)
    {
    }
}
