using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>
/// <c>controller type='usb'</c>. An ICH9 controller is four elements with one index: ehci1 and its companions uhci1 to uhci3,
/// which are functions of one slot; each companion's <c>master startport</c> says which of the ports it serves.
/// </summary>
internal sealed class UsbController : ControllerDevice
{
    private const int MaximumXhciPorts = 15;

    private static readonly Dictionary<string, (string Driver, int Ports, bool Conventional)> Models = new(StringComparer.Ordinal)
    {
        ["piix3-uhci"] = ("piix3-usb-uhci", 2, true),
        ["piix4-uhci"] = ("piix4-usb-uhci", 2, true),
        ["ehci"] = ("usb-ehci", 6, true),
        ["ich9-ehci1"] = ("ich9-usb-ehci1", 6, true),
        ["ich9-uhci1"] = ("ich9-usb-uhci1", 2, true),
        ["ich9-uhci2"] = ("ich9-usb-uhci2", 2, true),
        ["ich9-uhci3"] = ("ich9-usb-uhci3", 2, true),
        ["vt82c686b-uhci"] = ("vt82c686b-usb-uhci", 2, true),
        ["pci-ohci"] = ("pci-ohci", 3, true),
        ["nec-xhci"] = ("nec-usb-xhci", 4, false),
        ["qemu-xhci"] = ("qemu-xhci", 4, false),
        ["none"] = ("", 0, false),
    };

    private readonly int? _ports;

    public UsbController(XElement element, GuestContext context)
        : base(element, context)
    {
        if (element.Attribute("model") is null)
            element.SetAttributeValue("model", context.MachineKind == MachineKind.I440fx ? "piix3-uhci" : "qemu-xhci");
        Model = element.Choice("model", [.. Models.Keys])!;
        if (!IsNone)
            context.RequireDevice(element, Models[Model].Driver);
        if (context.Of<UsbController>().FirstOrDefault(other => other.Index == Index) is { } twin
            && !(IsIch9 && twin.IsIch9 && twin.Model != Model))
            throw XmlFault.Invalid(element, $"two usb controllers have the index {Index}");
        _ports = element.Integer("ports", 1, MaximumXhciPorts);
        if (_ports is not null && Models[Model].Conventional)
            throw XmlFault.Invalid(element.Attribute("ports")!, $"only xhci controllers take a number of ports, not '{Model}'");
        if (IsCompanion)
            StartPort = element.Element("master")?.Integer("startport", 0, 4) ?? (Model[^1] - '1') * 2;
    }

    /// <summary>libvirt's name of the model.</summary>
    public string Model { get; }

    /// <summary>Whether it says that there is no USB.</summary>
    public bool IsNone => Model == "none";

    /// <summary>Whether it serves ports of an EHCI controller with the same index.</summary>
    public bool IsCompanion => Model.StartsWith("ich9-uhci", StringComparison.Ordinal);

    /// <summary>How many devices plug into it.</summary>
    public int Ports => _ports ?? Models[Model].Ports;

    /// <inheritdoc/>
    public override PciNeed PciNeed =>
        IsNone ? PciNeed.None : Models[Model].Conventional ? PciNeed.Conventional : PciNeed.Express;

    /// <summary>The function it has in the slot of its group; null for a controller of one element.</summary>
    public int? GroupFunction => Model switch
    {
        "ich9-ehci1" => 7,
        "ich9-uhci1" => 0,
        "ich9-uhci2" => 1,
        "ich9-uhci3" => 2,
        _ => null,
    };

    /// <inheritdoc/>
    protected override bool AllowsTwins => true;

    private bool IsIch9 => GroupFunction is not null;

    private int? StartPort { get; }

    /// <inheritdoc/>
    public override void Connect()
    {
        if (PciAddress.Read(Element) is null)
            PciAddress = CustomaryAddress();
        if (IsCompanion)
        {
            if (!Context.Of<UsbController>().Any(other => other.Index == Index && other.Model == "ich9-ehci1"))
                throw XmlFault.Invalid(Element, $"there is no 'ich9-ehci1' with the index {Index} that it could serve");
            Element.GetOrAdd("master").SetAttributeValue("startport", StartPort);
        }
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (IsNone)
            return;
        string driver = Models[Model].Driver;
        JsonObject device = IsCompanion
            ? JsonProperties.Device(driver, null).With("masterbus", $"{Master.Alias}.0")
                .With("firstport", StartPort).OnPci(PciAddress, Context)
            : NewDevice(driver);
        arguments.AddDevice(device.With("p2", _ports).With("p3", _ports));
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases)
    {
        string name = Index == 0 ? "usb" : $"usb{Index}";
        return IsCompanion ? $"{name}-{Model}" : name;
    }

    private UsbController Master =>
        Context.Of<UsbController>().First(other => other.Index == Index && other.Model == "ich9-ehci1");

    /// <summary>Where the chipset has such a controller; null where any slot will do.</summary>
    private PciAddress? CustomaryAddress() => (Context.MachineKind, Index, Model) switch
    {
        (MachineKind.I440fx, 0, "piix3-uhci") => new PciAddress(0, 1, 2),
        (MachineKind.Q35, 0 or 1, _) when GroupFunction is { } function =>
            new PciAddress(0, Index == 0 ? 0x1d : 0x1a, function, function == 0 ? true : null),
        _ => null,
    };
}
