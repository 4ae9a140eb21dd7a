using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>interface</c>: a network card on QEMU's user-mode network.</summary>
internal sealed class InterfaceDevice : GuestDevice, IPostStart
{
    private static readonly Dictionary<string, (string Driver, PciNeed Need)> Models = new(StringComparer.Ordinal)
    {
        ["virtio"] = ("virtio-net-pci", PciNeed.Express),
        ["virtio-transitional"] = ("virtio-net-pci-transitional", PciNeed.Conventional),
        ["virtio-non-transitional"] = ("virtio-net-pci-non-transitional", PciNeed.Express),
        ["e1000"] = ("e1000", PciNeed.Conventional),
        ["e1000e"] = ("e1000e", PciNeed.Express),
        ["igb"] = ("igb", PciNeed.Express),
        ["rtl8139"] = ("rtl8139", PciNeed.Conventional),
        ["ne2k_pci"] = ("ne2k_pci", PciNeed.Conventional),
        ["pcnet"] = ("pcnet", PciNeed.Conventional),
        ["vmxnet3"] = ("vmxnet3", PciNeed.Express),
    };

    private readonly string _model;
    private readonly MacAddress _mac;
    private readonly InterfaceOffloads _offloads;
    private readonly VirtioOptions? _virtio;
    private readonly bool _linkDown;
    private readonly long? _mtu;

    public InterfaceDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        if (element.Required("type") is not "user" and var type)
        {
            throw XmlFault.Unsupported(
                element, $"an interface of type '{type}' is not supported by this version", "Use type='user' for QEMU's user-mode network.");
        }

        CheckElements();
        _mac = MacAddress.ReadOrMake(element);
        XElement? model = element.Element("model");
        if (model?.Text("type") is null)
        {
            model ??= new XElement("model");
            if (model.Parent is null)
                element.Element("mac")!.AddAfterSelf(model);
            model.SetAttributeValue("type", context.Capabilities.HasDevice("virtio-net-pci") ? "virtio" : "e1000");
        }

        _model = model.Choice("type", [.. Models.Keys])!;
        context.RequireDevice(model, Models[_model].Driver);
        _offloads = InterfaceOffloads.Read(element, IsVirtio);
        _virtio = IsVirtio ? VirtioOptions.Read(element) : null;
        _linkDown = element.Element("link")?.Choice("state", "up", "down") == "down";
        _mtu = element.Element("mtu")?.Number("size", 68, 65535);
        if (_mtu is not null && !IsVirtio)
            throw XmlFault.Unsupported(element.Element("mtu")!, $"only virtio cards tell the guest an MTU, not '{_model}'");
    }

    /// <summary>The card's MAC address.</summary>
    public string Mac => _mac.ToString();

    /// <inheritdoc/>
    public override PciNeed PciNeed => Models[_model].Need;

    /// <inheritdoc/>
    public override string BootClass => "network";

    private bool IsVirtio => _model.StartsWith("virtio", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        JsonObject network = GuestForward.AddTo(new JsonObject { ["type"] = "user", ["id"] = $"host{Alias}" }, Element, Context);
        foreach (XElement ip in Element.Elements("ip"))
            UserNetworkAddress.AddTo(network, ip);
        arguments.Add("-netdev", network);
        JsonObject device = NewDevice(Models[_model].Driver).With("netdev", $"host{Alias}").With("mac", Mac);
        _offloads.AddTo(device);
        XElement? rom = Element.Element("rom");
        arguments.AddDevice(device.WithVirtio(_virtio).With("host_mtu", _mtu).With("bootindex", BootIndex)
            .With("rombar", rom?.Flag("bar") is { } bar ? bar ? 1L : 0L : null)
            .With("romfile", rom?.Flag("enabled") == false ? "" : rom?.AbsolutePath("file")));
    }

    /// <inheritdoc/>
    public IEnumerable<PostStartCommand> PostStart() => _linkDown
        ? [new PostStartCommand("set_link", new JsonObject { ["name"] = Alias, ["up"] = false })]
        : [];

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("net");

    private void CheckElements()
    {
        foreach (XElement child in Element.Elements())
        {
            if (child.Name.LocalName is "bandwidth" or "filterref" or "virtualport" or "vlan" or "teaming" or "source" or "portOptions" or "route")
                throw XmlFault.Unsupported(child, "an interface of type 'user' cannot have it");
            if (child.Name.LocalName == "backend" && child.Text("type") == "passt")
                throw XmlFault.Unsupported(child, "the backend 'passt' is not supported by this version");
        }

        foreach (XElement ip in Element.Elements("ip"))
            UserNetworkAddress.AddTo([], ip);
    }
}
