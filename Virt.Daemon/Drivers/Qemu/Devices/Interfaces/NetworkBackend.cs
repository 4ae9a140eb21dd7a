using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Resources.Network;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Type <c>network</c>: a tap interface on the bridge that a virtual network leads to, which is looked up at each
/// start.</summary>
internal sealed class NetworkBackend : TapBackend, IPreparedDevice
{
    private readonly string _network;
    private readonly string? _portGroup;
    private string? _bridge;

    public NetworkBackend(InterfaceCard card)
        : base(card)
    {
        _network = Source.Required("network");
        _portGroup = Source.Text("portgroup");
        if (Element.Element("virtualport") is { } port)
            Context.FailStart(port, "the port of a virtual network cannot be chosen", "Use type='bridge' with <virtualport>.");
    }

    /// <inheritdoc/>
    public override bool IsBridgePort => true;

    /// <inheritdoc/>
    public override bool TakesVirtualPort => true;

    /// <inheritdoc/>
    public override bool TakesVlans => true;

    /// <inheritdoc/>
    public ValueTask PrepareAsync(GuestPreparation host, CancellationToken cancel)
    {
        _bridge = host.Networks.FindBridge(_network, _portGroup);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override void WriteLive(XElement copy) => copy.Element("source")!.SetAttributeValue("bridge", _bridge);

    /// <inheritdoc/>
    public override void ReadLive(XElement live) => _bridge = live.Element("source")?.Text("bridge");

    /// <inheritdoc/>
    protected override TapSettings Complete(TapSettings settings) => settings with
    {
        Bridge = _bridge,
        Isolated = Element.Element("port")?.Flag("isolated") == true,
    };
}
