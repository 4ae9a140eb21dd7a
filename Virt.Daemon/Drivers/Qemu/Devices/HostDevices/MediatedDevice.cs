using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>hostdev type='mdev'</c>: a part of a device of the host that its driver sets apart, as a virtual GPU.</summary>
internal sealed class MediatedDevice : HostDevice
{
    private readonly Guid _uuid;
    private readonly bool? _display;
    private readonly bool _ramfb;

    public MediatedDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        CheckAddress("pci");
        element.SetDefault("managed", "no");
        string model = element.Choice("model", "vfio-pci", "vfio-ccw", "vfio-ap")
            ?? throw XmlFault.Invalid(element, "the attribute model is missing");
        if (model != "vfio-pci")
            throw XmlFault.Unsupported(element.Attribute("model")!, $"'{model}' is not for x86 machines");
        XElement address = Source.Element("address") ?? throw XmlFault.Unsupported(Source, "the element address is missing");
        _uuid = Guid.TryParse(address.Required("uuid"), out Guid uuid)
            ? uuid
            : throw XmlFault.Invalid(address.Attribute("uuid")!, $"'{address.Text("uuid")}' is not a uuid");
        if (element.Element("boot") is { } boot)
            throw XmlFault.Unsupported(boot, "a guest does not boot from a mediated device");
        _display = element.Flag("display");
        _ramfb = element.Flag("ramfb") == true;
        CheckDisplay();
        context.RequireDevice(element, Driver);
        if (!Directory.Exists(SysfsPath))
            context.FailStart(Source, $"the host has no mediated device {_uuid:D}", "mdevctl list --defined tells which there are.");
    }

    /// <inheritdoc/>
    public override PciNeed PciNeed => PciNeed.Express;

    /// <inheritdoc/>
    public override IEnumerable<GuestFile> Files =>
        DeviceFiles.OfGroup(Path.GetFileName(Directory.ResolveLinkTarget(Path.Combine(SysfsPath, "iommu_group"), returnFinalTarget: true)?.FullName));

    private string SysfsPath => $"/sys/bus/mdev/devices/{_uuid:D}";

    private string Driver => _ramfb ? "vfio-pci-nohotplug" : "vfio-pci";

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments) => arguments.AddDevice(
        NewDevice(Driver).With("sysfsdev", SysfsPath).With("display", _display is { } shown ? shown ? "on" : "off" : null)
            .With("ramfb", _ramfb ? true : null));

    private void CheckDisplay()
    {
        if (_display == true && Element.Parent!.Element("graphics") is null)
            throw XmlFault.Unsupported(Element.Attribute("display")!, "the guest has no graphics that could show it", "Add <graphics type='vnc'/>.");
        if (_ramfb && _display != true)
            throw XmlFault.Unsupported(Element.Attribute("ramfb")!, "only a device with display='on' has a ramfb");
        if (_ramfb && Element.ElementsBeforeSelf("hostdev").Any(other => other.Flag("ramfb") == true))
            throw XmlFault.Unsupported(Element.Attribute("ramfb")!, "only one device can have a ramfb");
    }
}
