using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>interface</c>: a network card. Its host's end is an <see cref="InterfaceBackend"/>.</summary>
internal sealed class InterfaceDevice : GuestDevice, IPostStart, IUsbDevice, IPreparedDevice
{
    private readonly InterfaceModel _model;
    private readonly MacAddress _mac;
    private readonly InterfaceOffloads _offloads;
    private readonly VirtioOptions? _virtio;
    private readonly InterfaceBackend _backend;
    private readonly DeviceRom _rom;
    private readonly bool _linkDown;
    private readonly bool _failover;
    private readonly long? _mtu;

    public InterfaceDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        element.SetDefault("type", "user");
        string type = element.Choice("type", [.. InterfaceBackend.Types])!;
        _mac = MacAddress.ReadOrMake(element);
        _model = InterfaceModel.Read(element, context);
        _offloads = InterfaceOffloads.Read(element, _model.IsVirtio, context);
        _virtio = _model.IsVirtio ? VirtioOptions.Read(element) : null;
        _backend = InterfaceBackend.Create(type, new InterfaceCard(element, context, _mac, _offloads, _model.IsVirtio));
        InterfaceRules.Check(element, type, _backend, _offloads, context);
        _linkDown = element.Element("link")?.Choice("state", "up", "down") == "down";
        _mtu = element.Element("mtu")?.Number("size", 0, 65535) is > 0 and var mtu ? mtu : null;
        if (_mtu is not null && !_backend.TakesMtu)
            throw XmlFault.Unsupported(element.Element("mtu")!, $"an interface of type '{type}' has no MTU to set");
        _rom = DeviceRom.Read(element);
        _failover = InterfaceTeaming.Read(element, _model.IsVirtio, isHostDevice: false) is { IsPersistent: true };
    }

    /// <summary>The card's MAC address.</summary>
    public string Mac => _mac.ToString();

    /// <summary>The host's interface while the guest runs; null when it has none.</summary>
    public string? LiveTarget => _backend.LiveTarget;

    /// <inheritdoc/>
    public override PciNeed PciNeed => _model.Need;

    /// <inheritdoc/>
    public bool IsOnUsb => _model.IsUsb;

    /// <inheritdoc/>
    public UsbPort? UsbPort { get; set; }

    /// <inheritdoc/>
    public override string BootClass => "network";

    /// <inheritdoc/>
    public override IEnumerable<IHostResource> Resources => _backend.Resources;

    /// <summary>Reads an interface; one of type hostdev is a device of the host.</summary>
    public static GuestDevice Create(XElement element, GuestContext context) => element.Text("type") == "hostdev"
        ? new InterfaceHostDevice(element, context)
        : new InterfaceDevice(element, context);

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        _backend.AddTo(arguments, Alias);
        JsonObject device = NewDevice(_model.Driver).OnUsb(UsbPort, Context).With("netdev", $"host{Alias}").With("mac", Mac);
        _offloads.AddTo(device);
        device.WithVirtio(_virtio).With("host_mtu", _model.IsVirtio ? _mtu : null).With("failover", _failover ? true : null)
            .With("bootindex", BootIndex);
        _rom.AddTo(device);
        arguments.AddDevice(device);
    }

    /// <inheritdoc/>
    public IEnumerable<PostStartCommand> PostStart() => _linkDown
        ? [new PostStartCommand("set_link", new JsonObject { ["name"] = Alias, ["up"] = false })]
        : [];

    /// <inheritdoc/>
    public override void WriteLive(XElement copy)
    {
        if (_backend.LiveTarget is { } target)
            GetOrAddTarget(copy).SetAttributeValue("dev", target);
        _backend.WriteLive(copy);
    }

    /// <inheritdoc/>
    public override void ReadLive(XElement live)
    {
        _backend.LiveTarget = live.Element("target")?.Text("dev") ?? _backend.LiveTarget;
        _backend.ReadLive(live);
    }

    /// <inheritdoc/>
    public ValueTask PrepareAsync(GuestPreparation host, CancellationToken cancel) =>
        _backend is IPreparedDevice prepared ? prepared.PrepareAsync(host, cancel) : ValueTask.CompletedTask;

    /// <summary>Takes from an interface what only a running guest has: names that were made for it, and where its network
    /// led.</summary>
    public static void StripLive(XElement card)
    {
        if (card.Text("type") == "network" && card.Element("source") is { } source)
        {
            source.Attribute("bridge")?.Remove();
            source.Attribute("portid")?.Remove();
        }

        if (card.Element("target") is { } target && target.Flag("managed") != false
            && target.Text("dev") is { } name && (name.StartsWith("vnet", StringComparison.Ordinal) || name.StartsWith("macvtap", StringComparison.Ordinal)
                || name.StartsWith("macvlan", StringComparison.Ordinal)))
        {
            target.Attribute("dev")!.Remove();
            if (!target.HasAttributes && !target.HasElements)
                target.Remove();
        }
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("net");

    // The schema wants it behind these.
    private static XElement GetOrAddTarget(XElement card)
    {
        if (card.Element("target") is { } found)
            return found;
        var added = new XElement("target");
        (card.Elements().LastOrDefault(child => child.Name.LocalName is "mac" or "source" or "virtualport" or "port" or "vlan") ?? card.Element("mac")!)
            .AddAfterSelf(added);
        return added;
    }
}
