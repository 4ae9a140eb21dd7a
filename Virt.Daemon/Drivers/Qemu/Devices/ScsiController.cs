using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>controller type='scsi'</c>.</summary>
internal sealed class ScsiController : ControllerDevice
{
    private static readonly Dictionary<string, string> Drivers = new(StringComparer.Ordinal)
    {
        ["virtio-scsi"] = "virtio-scsi-pci",
        ["virtio-transitional"] = "virtio-scsi-pci-transitional",
        ["virtio-non-transitional"] = "virtio-scsi-pci-non-transitional",
        ["lsilogic"] = "lsi53c895a",
        ["lsisas1068"] = "mptsas1068",
        ["lsisas1078"] = "megasas",
        ["vmpvscsi"] = "pvscsi",
        ["dc390"] = "dc390",
        ["am53c974"] = "am53c974",
        ["ibmvscsi"] = "spapr-vscsi",
    };

    private static readonly string[] OtherMachines = ["buslogic", "ncr53c90"];

    private readonly VirtioOptions? _virtio;
    private readonly long? _queues;
    private readonly long? _commandsPerLun;
    private readonly long? _maximumSectors;
    private readonly string? _ioThread;
    private readonly bool? _ioEventFd;

    public ScsiController(XElement element, GuestContext context)
        : base(element, context)
    {
        if (element.Text("model") is null or "auto")
            element.SetAttributeValue("model", context.Capabilities.HasDevice("lsi53c895a") ? "lsilogic" : "virtio-scsi");
        Model = element.Choice("model", [.. Drivers.Keys, .. OtherMachines])!;
        if (OtherMachines.Contains(Model))
            throw XmlFault.Unsupported(element.Attribute("model")!, $"x86 machines have no SCSI controller '{Model}'", "Use model='virtio-scsi'.");
        context.RequireDevice(element, Drivers[Model]);
        if (element.Element("driver") is not { } driver)
            return;
        if (!IsVirtio && driver.HasAttributes)
            throw XmlFault.Unsupported(driver, $"only virtio-scsi takes driver options, not '{Model}'");
        _virtio = VirtioOptions.Read(element);
        _queues = driver.Number("queues", 1, 1024);
        _commandsPerLun = driver.Number("cmd_per_lun", 1, 65535);
        _maximumSectors = driver.Number("max_sectors", 1, uint.MaxValue);
        _ioEventFd = driver.Flag("ioeventfd");
        _ioThread = IOThreadReference.Read(driver, context);
    }

    /// <summary>libvirt's name of the model.</summary>
    public string Model { get; }

    /// <summary>Whether it is paravirtual, with targets and units.</summary>
    public bool IsVirtio => Drivers[Model].StartsWith("virtio", StringComparison.Ordinal);

    /// <summary>Whether a device is addressed by its unit alone, as on the old parallel bus.</summary>
    public bool IsNarrow => Model is "lsilogic" or "dc390" or "am53c974" or "ibmvscsi";

    /// <inheritdoc/>
    public override PciNeed PciNeed => IsVirtio || Model == "vmpvscsi" ? PciNeed.Express : PciNeed.Conventional;

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        JsonObject device = NewDevice(Drivers[Model])
            .With("ioeventfd", _ioEventFd).With("iothread", _ioThread).With("num_queues", _queues).With("cmd_per_lun", _commandsPerLun)
            .With("max_sectors", _maximumSectors);
        arguments.AddDevice(device.WithVirtio(_virtio));
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => $"scsi{Index}";
}
