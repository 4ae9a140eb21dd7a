using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Daemon.Drivers.Qemu.Resources;
using Virt.Daemon.Drivers.Qemu.Resources.Passthrough;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>hostdev type='pci'</c>: a PCI device of the host, through VFIO.</summary>
internal sealed class PciHostDevice : HostDevice
{
    private readonly HostPciAddress _host;
    private readonly bool _managed;
    private readonly DeviceRom _rom;
    private readonly string? _partner;

    public PciHostDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        if (Source.Attribute("writeFiltering") is { } filtering)
            throw XmlFault.Unsupported(filtering, "QEMU filters no writes to the configuration space of a device");
        _host = HostPciAddress.Read(Source.Element("address") ?? throw XmlFault.Invalid(Source, "the element address is missing"));
        _managed = element.Flag("managed") ?? false;
        element.SetAttributeValue("managed", _managed ? "yes" : "no");
        CheckAddress("pci", "unassigned");
        ReadDriver(element, context);
        _rom = DeviceRom.Read(element);
        _partner = InterfaceTeaming.Read(element, isVirtio: false, isHostDevice: true)?.Partner;
        context.RequireDevice(element, "vfio-pci");
    }

    /// <inheritdoc/>
    public override PciNeed PciNeed => IsUnassigned ? PciNeed.None
        : PciAddress.Read(Element) is not null || new HostPciDevice(_host).IsExpress ? PciNeed.Express : PciNeed.Conventional;

    /// <inheritdoc/>
    public override IEnumerable<IHostResource> Resources => [new VfioResource(_host, _managed, $"device {Alias}")];

    /// <inheritdoc/>
    public override IEnumerable<GuestFile> Files => IsUnassigned ? [] : DeviceFiles.OfGroup(new HostPciDevice(_host).Group);

    /// <summary>Whether the host's driver lets go of it, but the guest does not get it.</summary>
    private bool IsUnassigned => Element.Element("address")?.Text("type") == "unassigned";

    /// <summary>The <c>driver</c> of a device that VFIO gives to the guest.</summary>
    public static void ReadDriver(XElement element, GuestContext context)
    {
        if (element.Element("driver") is { } driver && driver.Choice("name", "vfio", "kvm", "xen") is { } name and not "vfio")
            context.FailStart(driver, $"devices are given to guests by VFIO, not by '{name}'", "Use name='vfio'.");
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (IsUnassigned)
            return;
        JsonObject device = NewDevice("vfio-pci").With("host", _host.ToString()).With("bootindex", BootIndex).With("failover_pair_id", _partner);
        _rom.AddTo(device);
        arguments.AddDevice(device);
    }
}
