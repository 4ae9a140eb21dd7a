using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Daemon.Drivers.Qemu.Resources.Network;
using Virt.Daemon.Drivers.Qemu.Resources.Passthrough;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>interface type='hostdev'</c>: a virtual function of a network card of the host, with MAC address and VLAN of the
/// definition.</summary>
internal sealed class InterfaceHostDevice : GuestDevice
{
    private readonly HostPciAddress _host;
    private readonly MacAddress _mac;
    private readonly PortVlans? _vlans;
    private readonly DeviceRom _rom;
    private readonly bool _managed;
    private readonly string? _partner;

    public InterfaceHostDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        XElement source = element.Element("source") ?? throw XmlFault.Invalid(element, "the element source is missing");
        XElement address = source.Element("address") ?? throw XmlFault.Invalid(source, "the element address is missing");
        if (address.Required("type") is not "pci" and var type)
            throw XmlFault.Unsupported(address, $"a network card of the host is a PCI device, not '{type}'");
        _host = HostPciAddress.Read(address);
        _managed = element.Flag("managed") ?? false;
        _mac = MacAddress.ReadOrMake(element);
        _vlans = InterfaceVlans.Read(element);
        _rom = DeviceRom.Read(element);
        _partner = InterfaceTeaming.Read(element, isVirtio: false, isHostDevice: true)?.Partner;
        PciHostDevice.ReadDriver(element, context);
        if (VirtualPort.Read(element, typeNeeded: true) is not null)
            context.FailStart(element.Element("virtualport")!, "the switch of the network cannot be told of the guest", "Remove the element.");
        if (_vlans is { Trunk: true })
            context.FailStart(element.Element("vlan")!, "a virtual function has one VLAN, without tags for the guest");
        context.RequireDevice(element, "vfio-pci");
    }

    /// <inheritdoc/>
    public override PciNeed PciNeed => Definition.Addresses.PciAddress.Read(Element) is not null || new HostPciDevice(_host).IsExpress
        ? PciNeed.Express
        : PciNeed.Conventional;

    /// <inheritdoc/>
    public override string BootClass => "network";

    /// <inheritdoc/>
    public override IEnumerable<IHostResource> Resources =>
        [new VfioResource(_host, _managed, $"interface {_mac}", _mac.Bytes, _vlans is { Tags: [var tag, ..] } ? tag : null)];

    /// <inheritdoc/>
    public override IEnumerable<GuestFile> Files => DeviceFiles.OfGroup(new HostPciDevice(_host).Group);

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        JsonObject device = NewDevice("vfio-pci").With("host", _host.ToString()).With("bootindex", BootIndex).With("failover_pair_id", _partner);
        _rom.AddTo(device);
        arguments.AddDevice(device);
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("hostdev");
}
