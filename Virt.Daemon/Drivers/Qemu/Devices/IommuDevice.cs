using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>iommu</c>: translates the addresses of the guest's devices. Only the machine Q35 has one.</summary>
internal sealed class IommuDevice : GuestDevice
{
    private static readonly string[] IntelOptions = ["intremap", "caching_mode", "eim", "iotlb", "aw_bits"];

    private readonly string _model;
    private readonly string? _remapping;
    private readonly bool? _caching;
    private readonly string? _extended;
    private readonly bool? _deviceCache;
    private readonly long? _width;

    public IommuDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        if (element.ElementsBeforeSelf("iommu").Any())
            throw XmlFault.Invalid(element, "a guest has one iommu at most");
        _model = element.Choice("model", "intel", "virtio", "smmuv3") ?? throw XmlFault.Invalid(element, "the attribute model is missing");
        if (_model == "smmuv3")
            throw XmlFault.Unsupported(element.Attribute("model")!, "'smmuv3' is for Arm machines");
        if (context.MachineKind != MachineKind.Q35)
            throw XmlFault.Unsupported(element, $"the machine '{context.Machine.Name}' has no iommu '{_model}'", "Use the machine 'q35'.");
        XElement? driver = element.Element("driver");
        if (_model == "virtio")
            CheckVirtio(driver);
        else if (element.Element("address") is { } address)
            throw XmlFault.Invalid(address, "the iommu 'intel' is part of the machine: it has no address");
        context.RequireDevice(element, Driver);
        _remapping = OnOff(driver, "intremap");
        _caching = driver?.Flag("caching_mode");
        _extended = OnOff(driver, "eim");
        _deviceCache = driver?.Flag("iotlb");
        _width = driver?.Number("aw_bits", 0, byte.MaxValue) is > 0 and var bits ? bits : null;
    }

    /// <inheritdoc/>
    public override PciNeed PciNeed => _model == "virtio" ? PciNeed.Integrated : PciNeed.None;

    private string Driver => _model == "virtio" ? "virtio-iommu-pci" : "intel-iommu";

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        JsonObject device = NewDevice(Driver).With("intremap", _remapping).With("caching-mode", _caching).With("eim", _extended)
            .With("device-iotlb", _deviceCache).With("aw-bits", _width);
        arguments.AddDevice(device);
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("iommu");

    private static string? OnOff(XElement? driver, string attribute) => driver?.Flag(attribute) is { } on ? on ? "on" : "off" : null;

    private void CheckVirtio(XElement? driver)
    {
        if (Array.Find(IntelOptions, option => driver?.Attribute(option) is not null) is { } found)
            throw XmlFault.Invalid(driver!.Attribute(found)!, "the iommu 'virtio' has no such option");
        if (Element.Element("address") is { } address && address.Text("type") != "pci")
            throw XmlFault.Unsupported(address, "the iommu 'virtio' has an address of type 'pci'");
        if (Context.General.Root.Element("features")?.Element("acpi") is null)
            throw XmlFault.Unsupported(Element, "the iommu 'virtio' needs ACPI", "Add <features><acpi/></features>.");
    }
}
