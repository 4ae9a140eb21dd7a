using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Daemon.Drivers.Qemu.Resources.Network;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>A card whose frames go by a tap interface of the host. QEMU opens it by its name.</summary>
internal abstract class TapBackend : InterfaceBackend
{
    private const string NamePrefix = "vnet";
    private const string VhostDevice = "/dev/vhost-net";

    private readonly bool _unmanaged;
    private readonly string _vhost;
    private string? _target;

    protected TapBackend(InterfaceCard card)
        : base(card.Element, card.Context)
    {
        Card = card;
        _target = ReadTarget(card.Element);
        _unmanaged = card.Element.Element("target")?.Flag("managed") == false;
        Vlans = InterfaceVlans.Read(card.Element);
        XElement? backend = card.Element.Element("backend");
        _vhost = backend?.AbsolutePath("vhost") ?? VhostDevice;
        if (backend?.AbsolutePath("tap") is { } device && device != TapInterface.Device)
            Context.FailStart(backend.Attribute("tap")!, $"QEMU opens tap interfaces through {TapInterface.Device}, not '{device}'");
        if (card.Offloads.Driver == "vhost" && !File.Exists(_vhost))
        {
            Context.FailStart(
                card.Element.Element("driver")!.Attribute("name")!, $"the host has no '{_vhost}'", "Load its module (modprobe vhost_net), or use name='qemu'.");
        }
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
    public override bool IsTap => true;

    /// <inheritdoc/>
    public override IEnumerable<IHostResource> Resources => _target is null ? [] : [new TapResource(Complete(Settings()))];

    /// <summary>The parts of the card.</summary>
    protected InterfaceCard Card { get; }

    /// <summary>The VLANs; null for none.</summary>
    protected PortVlans? Vlans { get; }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments, string alias)
    {
        _target ??= HostLinkNames.Next(NamePrefix);
        var network = new JsonObject { ["type"] = "tap", ["ifname"] = _target, ["script"] = "no", ["downscript"] = "no" };
        if (Card.Offloads.Queues > 1)
            network["queues"] = Card.Offloads.Queues;
        AddVhost(arguments, network);
        if (Element.Element("tune")?.Element("sndbuf") is { } buffer)
            network["sndbuf"] = buffer.Number(0, long.MaxValue);
        network["id"] = $"host{alias}";
        arguments.Add("-netdev", network);
    }

    /// <summary>What sets this kind of tap apart.</summary>
    protected virtual TapSettings Complete(TapSettings settings) => settings;

    private static string? ReadTarget(XElement card)
    {
        if (card.Element("target") is not { } target || target.Text("dev") is not { Length: > 0 } name)
            return null;
        if (name.Length > HostLink.MaximumName || name is "." or ".." || name.Any(letter => letter is '/' or ':' or '%' || char.IsWhiteSpace(letter) || !char.IsAscii(letter)))
            throw XmlFault.Invalid(target.Attribute("dev")!, $"'{name}' is not a name of a network interface");
        return name;
    }

    // The kernel moves a virtio card's frames itself where it can.
    private void AddVhost(QemuArguments arguments, JsonObject network)
    {
        if (!Card.IsVirtio || Card.Offloads.Driver == "qemu" || !File.Exists(_vhost))
            return;
        network["vhost"] = true;
        if (_vhost == VhostDevice && !Context.Host.IsSeparate)
            return;
        string descriptors = string.Join(
            ':', Enumerable.Range(0, Card.Offloads.Queues).Select(_ => arguments.AddDescriptor(() => TapInterface.OpenDevice(_vhost))));
        network[Card.Offloads.Queues > 1 ? "vhostfds" : "vhostfd"] = descriptors;
    }

    private TapSettings Settings()
    {
        InterfaceBandwidth bandwidth = InterfaceBandwidth.Read(Element, mayHaveFloor: false);
        return new TapSettings(_target!, $"interface {Card.Mac}", Card.Mac.Bytes, Card.Offloads.Queues > 1)
        {
            Mtu = Element.Element("mtu")?.Integer("size", 1, 65535),
            Inbound = bandwidth.Inbound,
            Outbound = bandwidth.Outbound,
            ReceiveFrames = Element.Element("coalesce")?.Element("rx")?.Element("frames")?.Integer("max", 0, int.MaxValue),
            Unmanaged = _unmanaged,
            Vlans = Vlans,
        };
    }
}
