using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Daemon.Drivers.Qemu.Resources.Passthrough;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>hostdev type='scsi'</c>: a SCSI device of the host or of an iSCSI target, on a SCSI controller of the guest.</summary>
internal sealed class ScsiHostDevice : HostDevice
{
    private readonly HostScsiDevice? _host;
    private readonly JsonObject? _iscsi;
    private DriveAddress _drive;

    public ScsiHostDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        CheckAddress("drive");
        element.SetDefault("managed", "no");
        if (element.Choice("sgio", "filtered", "unfiltered") == "unfiltered")
            throw XmlFault.Unsupported(element.Attribute("sgio")!, "unfiltered SCSI commands are not supported any more");
        if (element.Flag("rawio") == true)
            context.FailStart(element.Attribute("rawio")!, "QEMU runs without the right to send raw SCSI commands", "Remove the attribute.");
        context.RequireDevice(element, "scsi-generic");
        switch (Source.Choice("protocol", "adapter", "iscsi"))
        {
            case "iscsi":
                _iscsi = IscsiSource.Read(Source, context);
                break;
            default:
                _host = ReadHost();
                break;
        }
    }

    /// <inheritdoc/>
    public override void Connect()
    {
        _drive = DriveAddress.Read(Element) ?? FreeAddress();
        if (Controller is null)
        {
            Context.Imply(new XElement("controller", new XAttribute("type", "scsi"), new XAttribute("index", _drive.Controller)));
            if (Controller is null)
                throw XmlFault.Invalid(Element, $"there is no SCSI controller with index {_drive.Controller}");
        }

        if (Controller is { IsNarrow: true } && (_drive.Bus, _drive.Target) == (0, 0) && _drive.Unit is 7)
            Context.FailStart(Element, "the controller itself has the unit 7 of its bus");
        else
            DiskSlots.Check(Element, _drive, Controller);
        CheckConflict();
        _drive.Write(Element);
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        string node = $"libvirt-{arguments.NextNode()}-backend";
        bool readOnly = Element.Element("readonly") is not null;
        JsonObject block = _iscsi?.DeepClone().AsObject() ?? new JsonObject { ["driver"] = "host_device", ["filename"] = FindHost() };
        arguments.Add("-blockdev", block.With("node-name", node).With("read-only", readOnly));
        JsonObject device = NewDevice("scsi-generic");
        DiskSlots.Place(device, _drive, Controller!);
        arguments.AddDevice(device.With("drive", node).With("bootindex", BootIndex));
    }

    private ScsiController? Controller => Context.Of<ScsiController>().FirstOrDefault(controller => controller.Index == _drive.Controller);

    private HostScsiDevice ReadHost()
    {
        XElement adapter = Source.Element("adapter") ?? throw XmlFault.Invalid(Source, "the element adapter is missing");
        XElement address = Source.Element("address") ?? throw XmlFault.Invalid(Source, "the element address is missing");
        int Number(string name) =>
            address.Integer(name, 0, int.MaxValue) ?? throw XmlFault.Invalid(address, $"the attribute {name} is missing");
        return new HostScsiDevice(
            adapter.Required("name"), Number("bus"), Number("target"),
            address.Number("unit", 0, long.MaxValue) ?? throw XmlFault.Invalid(address, "the attribute unit is missing"));
    }

    private string FindHost() => _host!.FindGeneric() ?? throw XmlFault.Unsupported(
        Source, string.Create(CultureInfo.InvariantCulture, $"the host has no SCSI device {_host.Adapter}:{_host.Bus}:{_host.Target}:{_host.Unit}"),
        "lsscsi -g lists them; the module sg must be loaded.");

    /// <summary>The other devices on SCSI controllers and their places.</summary>
    private IEnumerable<(XElement Device, DriveAddress Place)> Others() => Element.Parent!.Elements()
        .Where(device => device != Element && (device.Name.LocalName == "hostdev" || device.Element("target")?.Text("bus") == "scsi"))
        .Where(device => device.Element("address")?.Text("type") == "drive").Select(device => (device, DriveAddress.Read(device)!.Value));

    private void CheckConflict()
    {
        if (Others().FirstOrDefault(other => other.Place == _drive).Device is { } other)
        {
            throw XmlFault.Unsupported(
                Element, $"its place controller {_drive.Controller}, bus {_drive.Bus}, target {_drive.Target}, unit {_drive.Unit} is that of the <{other.Name.LocalName}> at line {other.Line()}");
        }
    }

    private DriveAddress FreeAddress()
    {
        HashSet<DriveAddress> taken = [.. Others().Select(other => other.Place)];
        for (int index = 0; ; index++)
        {
            DriveAddress address = DriveAddress.FromIndex("scsi", index);
            if (!taken.Contains(address))
                return address;
        }
    }
}
