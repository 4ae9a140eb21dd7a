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

    private static readonly string[] Preferred = ["qemu-xhci", "nec-xhci", "ich9-ehci1"];

    private readonly int? _ports;

    public UsbController(XElement element, GuestContext context)
        : base(element, context)
    {
        if (element.Attribute("model") is null)
            element.SetAttributeValue("model", context.Capabilities.HasDevice("piix3-usb-uhci") ? "piix3-uhci" : "qemu-xhci");
        Model = element.Choice("model", [.. Models.Keys])!;
        if (!IsNone)
            context.RequireDevice(element, Models[Model].Driver);
        if (context.Of<UsbController>().FirstOrDefault(other => other.Index == Index) is { } twin
            && !(IsIch9 && twin.IsIch9 && twin.Model != Model))
            throw XmlFault.Invalid(element, $"two usb controllers have the index {Index}");
        _ports = element.Integer("ports", 1, int.MaxValue);
        if (_ports is not null && Models[Model].Conventional)
            throw XmlFault.Unsupported(element.Attribute("ports")!, $"only xhci controllers take a number of ports, not '{Model}'");
        if (_ports > MaximumXhciPorts)
            throw XmlFault.Unsupported(element.Attribute("ports")!, $"an xhci controller has at most {MaximumXhciPorts} ports");
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

    /// <summary>The index of an ICH9 element that has none: that of the USB controller before it when it completes that
    /// controller; null for others.</summary>
    public static int? GroupIndex(XElement element)
    {
        if (!IsIch9Element(element)
            || element.ElementsBeforeSelf("controller").LastOrDefault(IsUsb) is not { } before || !IsIch9Element(before))
            return null;
        string? index = before.Text("index");
        bool twin = element.Parent!.Elements("controller")
            .Any(other => IsUsb(other) && other.Text("index") == index && other.Text("model") == element.Text("model"));
        return twin ? null : before.Integer("index", 0, 255);
    }

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

    /// <summary>Adds the controller that a new guest has: xhci on PCI Express, else what the chipset has on board.</summary>
    public static void ImplyDefault(GuestContext context)
    {
        string? model = context.MachineKind == MachineKind.Q35
            ? Preferred.FirstOrDefault(name => context.Capabilities.HasDevice(Models[name].Driver))
            : "piix3-uhci";
        context.Imply(new XElement(
            "controller", new XAttribute("type", "usb"), new XAttribute("index", 0), new XAttribute("model", model ?? "none")));
    }

    /// <inheritdoc/>
    public override void Connect()
    {
        if (PciAddress.Read(Element) is null)
            PciAddress = CustomaryAddress();
        if (IsCompanion)
        {
            if (Master is null)
            {
                if (Context.Of<UsbController>().All(other => other.IsCompanion))
                    throw XmlFault.Invalid(Element, "there is no USB controller whose companion it could be", "Add an 'ich9-ehci1'.");
                Context.FailStart(Element, $"there is no USB controller with the index {Index} whose companion it could be");
            }

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
            ? JsonProperties.Device(driver, null).With("masterbus", Master!.Bus())
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

    private static bool IsUsb(XElement controller) => controller.Text("type") == "usb";

    private static bool IsIch9Element(XElement controller) =>
        IsUsb(controller) && controller.Text("model")?.StartsWith("ich9-", StringComparison.Ordinal) == true;

    private UsbController? Master => Context.Of<UsbController>().FirstOrDefault(other => other.Index == Index && !other.IsCompanion);

    /// <summary>Where the chipset has such a controller; null where any slot will do.</summary>
    private PciAddress? CustomaryAddress() => (Context.MachineKind, Index, Model) switch
    {
        (MachineKind.I440fx, 0, "piix3-uhci") => new PciAddress(0, 1, 2),
        _ => null,
    };
}
