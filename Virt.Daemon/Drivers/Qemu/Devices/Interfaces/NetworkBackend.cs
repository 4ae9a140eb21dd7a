using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>
/// Type <c>network</c>: whatever a virtual network says. A network driver turns it into one of the other types when the guest
/// starts; without one the start is refused, as no network of the name is there.
/// </summary>
internal sealed class NetworkBackend : InterfaceBackend
{
    public NetworkBackend(InterfaceCard card)
        : base(card.Element, card.Context)
    {
        string network = Source.Required("network");
        Context.StartFaults.Try(() => throw new VirtException(
            VirtErrorCode.NoNetwork, $"line {Element.Line()}: <interface>: there is no network '{network}'", network,
            "Use an interface of type 'bridge' with a bridge of the host, or of type 'user'."));
    }

    /// <inheritdoc/>
    public override bool TakesQueues => true;

    /// <inheritdoc/>
    public override bool TakesBandwidth => true;

    /// <inheritdoc/>
    public override bool IsBridgePort => true;

    /// <inheritdoc/>
    public override bool IsTap => true;

    /// <inheritdoc/>
    public override bool TakesVirtualPort => true;

    /// <inheritdoc/>
    public override bool TakesVlans => true;

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments, string alias)
    {
    }
}
