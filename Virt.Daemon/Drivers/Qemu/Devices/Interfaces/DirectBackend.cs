using System.Text.Json.Nodes;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Daemon.Drivers.Qemu.Resources.Network;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Type <c>direct</c>: a macvtap interface on top of one of the host's. QEMU inherits its descriptors.</summary>
internal sealed class DirectBackend : InterfaceBackend
{
    private const string NamePrefix = "macvtap";
    private const string VhostDevice = "/dev/vhost-net";

    private readonly InterfaceCard _card;
    private readonly string _lower;
    private readonly string _mode;
    private string? _target;

    public DirectBackend(InterfaceCard card)
        : base(card.Element, card.Context)
    {
        _card = card;
        _lower = Source.Required("dev");
        _mode = Source.Choice("mode", [.. MacvtapResource.ModeNames]) ?? "vepa";
        Source.SetAttributeValue("mode", _mode);
        _target = Element.Element("target")?.Text("dev") is { Length: > 0 and <= HostLink.MaximumName } name ? name : null;
        if (VirtualPort.Read(Element, typeNeeded: true) is { } port)
        {
            Context.FailStart(
                Element.Element("virtualport")!, $"the switch of the network cannot be told of the guest (type '{port.Type}')", "Remove the element.");
        }

        if (card.Offloads.Driver == "vhost" && !File.Exists(VhostDevice))
            Context.FailStart(Element.Element("driver")!.Attribute("name")!, $"the host has no '{VhostDevice}'", "Load its module (modprobe vhost_net), or use name='qemu'.");
    }

    /// <inheritdoc/>
    public override string? LiveTarget
    {
        get => _target;
        set => _target = value;
    }

    /// <inheritdoc/>
    public override bool TakesQueues => true;

    /// <inheritdoc/>
    public override bool TakesBandwidth => true;

    /// <inheritdoc/>
    public override bool TakesVirtualPort => true;

    /// <inheritdoc/>
    public override IEnumerable<IHostResource> Resources
    {
        get
        {
            if (_target is null)
                return [];
            InterfaceBandwidth bandwidth = InterfaceBandwidth.Read(Element, mayHaveFloor: false);
            var settings = new TapSettings(_target, $"interface {_card.Mac}", _card.Mac.Bytes, _card.Offloads.Queues > 1)
            {
                Mtu = Element.Element("mtu")?.Integer("size", 1, 65535),
                Inbound = bandwidth.Inbound,
                Outbound = bandwidth.Outbound,
            };
            return [new MacvtapResource(_target, _lower, _mode, _card.Mac.Bytes, settings)];
        }
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments, string alias)
    {
        _target ??= HostLinkNames.Next(NamePrefix);
        bool several = _card.Offloads.Queues > 1;
        string name = _target;
        var network = new JsonObject { ["type"] = "tap" };
        network[several ? "fds" : "fd"] = Inherit(arguments, () => TapInterface.OpenMacvtap(name, several));
        if (_card.IsVirtio && _card.Offloads.Driver != "qemu" && File.Exists(VhostDevice))
        {
            network["vhost"] = true;
            network[several ? "vhostfds" : "vhostfd"] = Inherit(arguments, () => TapInterface.OpenDevice(VhostDevice));
        }

        if (Element.Element("tune")?.Element("sndbuf") is { } buffer)
            network["sndbuf"] = buffer.Number(0, long.MaxValue);
        network["id"] = $"host{alias}";
        arguments.Add("-netdev", network);
    }

    private string Inherit(QemuArguments arguments, Func<System.Runtime.InteropServices.SafeHandle> open) =>
        string.Join(':', Enumerable.Range(0, _card.Offloads.Queues).Select(_ => arguments.AddDescriptor(open)));
}
