using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Resources.Network;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Type <c>bridge</c>: a tap interface that is a port of a bridge of the host, the kernel's or Open vSwitch's.</summary>
internal sealed class BridgeBackend : TapBackend
{
    private readonly string _bridge;
    private readonly VirtualPort? _port;

    public BridgeBackend(InterfaceCard card)
        : base(card)
    {
        _bridge = Source.Required("bridge");
        _port = VirtualPort.Read(Element, typeNeeded: true);
        if (_port is { Type: not "openvswitch" })
        {
            Context.FailStart(
                Element.Element("virtualport")!, $"a port of type '{_port.Type}' cannot be told of the guest",
                "Use type='openvswitch', or a bridge of the kernel without <virtualport>.");
        }
    }

    /// <inheritdoc/>
    public override bool IsBridgePort => true;

    /// <inheritdoc/>
    public override bool TakesVirtualPort => true;

    /// <inheritdoc/>
    public override bool TakesVlans => true;

    /// <inheritdoc/>
    protected override TapSettings Complete(TapSettings settings) => settings with
    {
        Bridge = _bridge,
        Isolated = Element.Element("port")?.Flag("isolated") == true,
        SwitchIdentity = _port is null ? null : Identity(_port),
    };

    private Dictionary<string, string> Identity(VirtualPort port)
    {
        var identity = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["attached-mac"] = Card.Mac.ToString(),
            ["iface-id"] = port.InterfaceId,
            ["vm-id"] = Context.General.Uuid.ToString("D"),
            ["iface-status"] = "active",
        };
        if (port.Profile is { } profile && profile.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
            identity["port-profile"] = profile;
        return identity;
    }
}
