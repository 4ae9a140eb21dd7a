using System.Text.Json.Nodes;
using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>controller type='pci'</c>: a root, port or bridge of the PCI tree. Its index is the bus of addresses.</summary>
internal sealed class PciController : ControllerDevice
{
    private const int BytesPerKibibyte = 1024;

    private readonly PciControllerTarget _target;
    private readonly long? _hole;

    public PciController(XElement element, GuestContext context)
        : base(element, context)
    {
        if (element.Attribute("model") is null)
            element.SetAttributeValue("model", DefaultModel());
        Model = PciControllerModel.Get(element.Choice("model", [.. PciControllerModel.Names])!);
        CheckMachine();
        if (Model.Driver is not null)
            ReadDriver();
        else if (element.Element("address") is { } address)
            throw XmlFault.Unsupported(address, $"a '{Model.Name}' is the machine's own: it has no address");
        else if (element.Element("model") is { } named && named.Attribute("name") is not null)
            throw XmlFault.Unsupported(named, $"a '{Model.Name}' is no device of QEMU's: it has no model name");
        _target = new PciControllerTarget(element, Model, context);
        _hole = ReadHole();
    }

    /// <summary>The kind.</summary>
    public PciControllerModel Model { get; }

    /// <summary>The number of the first bus behind an expander; null for others, and until it is given.</summary>
    public int? BusNumber => _target.BusNumber;

    /// <inheritdoc/>
    public override PciNeed PciNeed => Model.IsRoot ? PciNeed.None : PciNeed.Controller;

    /// <summary>Sorts controllers as QEMU must make them: by index, but none before the bus it is on.</summary>
    public int Order => Parent is { } parent ? Math.Max(Index << 8, parent.Order + 1) : Index << 8;

    private PciController? Parent =>
        PciAddress is { } address ? Context.Of<PciController>().FirstOrDefault(up => up.Index == address.Bus) : null;

    private void CheckParents()
    {
        HashSet<PciController> above = [];
        for (PciController? up = Parent; up is not null; up = up.Parent)
        {
            if (up == this || !above.Add(up))
                throw XmlFault.Invalid(Element, $"the PCI controller {Index} is on a bus that is below itself", "Give it another bus in its address, or leave the address out.");
        }
    }

    /// <summary>Fills in what follows from the address: chassis, port, bus number.</summary>
    public void Number()
    {
        if (Model.IsRoot)
            return;
        if (Model.Is == PciConnect.Bridge && PciAddress!.Bus >= Index)
        {
            throw XmlFault.Unsupported(
                Element, $"a PCI bridge is on a bus with a smaller index than its own {Index}, not on {PciAddress.Bus}");
        }

        CheckParents();
        _target.Number(Index, PciAddress!);
    }

    /// <inheritdoc/>
    public override void AddTo(QemuArguments arguments)
    {
        if (Model.IsRoot)
        {
            AddRoot(arguments);
            return;
        }

        JsonObject device = NewDevice(Element.Element("model")!.Text("name")!);
        _target.AddTo(device);
        arguments.AddDevice(device);
    }

    /// <inheritdoc/>
    public override string Bus(int channel = 0) => Model.IsRoot ? AliasBase() : Alias;

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => AliasBase();

    private string AliasBase() => Model.Name == "pcie-root" ? "pcie.0" : $"pci.{Index}";

    private string DefaultModel() => (Context.MachineKind, Index) switch
    {
        (MachineKind.Q35, 0) => "pcie-root",
        (MachineKind.Q35, _) => "pcie-root-port",
        (_, 0) => "pci-root",
        _ => "pci-bridge",
    };

    private void CheckMachine()
    {
        if (Context.MachineKind == MachineKind.Isa)
            throw XmlFault.Unsupported(Element, $"the machine '{Context.Machine.Name}' has no PCI");
        string root = Context.MachineKind == MachineKind.Q35 ? "pcie-root" : "pci-root";
        if (Model.IsRoot != (Index == 0) || (Model.IsRoot && Model.Name != root))
        {
            throw XmlFault.Invalid(
                Element, $"on '{Context.Machine.Name}' the PCI controller with index 0, and only it, is '{root}'");
        }

        if (Context.MachineKind != MachineKind.Q35 && Model.IsExpress)
        {
            throw XmlFault.Unsupported(
                Element, $"'{Model.Name}' needs a machine with PCI Express; '{Context.Machine.Name}' has none", "Use the machine 'q35'.");
        }

        if (Context.MachineKind == MachineKind.Q35 && Model.Is == PciConnect.Expander)
        {
            throw XmlFault.Unsupported(
                Element, $"'{Model.Name}' is for machines with conventional PCI, '{Context.Machine.Name}' has PCI Express",
                "Use 'pcie-expander-bus'.");
        }
    }

    private void ReadDriver()
    {
        XElement? named = Element.Element("model");
        string driver = named?.Text("name") ?? Model.Driver!;
        if (driver != Model.Driver && !(Model.Is == PciConnect.RootPort && driver == "ioh3420"))
            throw XmlFault.Unsupported(named!, $"'{driver}' is not the QEMU device of a '{Model.Name}', which is '{Model.Driver}'");
        Context.RequireDevice(Element, driver);
        if (named is null)
            Element.AddFirst(named = new XElement("model"));
        named.SetAttributeValue("name", driver);
    }

    /// <summary>The size of the 64-bit hole of a root, in KiB.</summary>
    private long? ReadHole()
    {
        if (Element.Element("pcihole64") is not { } hole)
            return null;
        return Model.IsRoot
            ? ScaledSize.Read(hole, "KiB") / BytesPerKibibyte
            : throw XmlFault.Unsupported(hole, $"only the root of PCI has a 64-bit hole, not a '{Model.Name}'");
    }

    private void AddRoot(QemuArguments arguments)
    {
        if (_hole is { } kibibytes)
        {
            string host = Model.Name == "pcie-root" ? "q35-pcihost" : "i440FX-pcihost";
            arguments.Add("-global", $"{host}.pci-hole64-size={kibibytes}K");
        }

        if (_target.Hotplug == false && Model.Name == "pci-root")
            arguments.Add("-global", "PIIX4_PM.acpi-root-pci-hotplug=off");
    }
}
