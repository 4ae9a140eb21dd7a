using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.Definition.Memory;
using Virt.Daemon.Drivers.Qemu.Devices;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Definition;

/// <summary>What sections and devices know of each other while a definition is read.</summary>
internal sealed class GuestContext(DomainDefinition general, QemuCapabilities capabilities, Accelerator accelerator, GuestHost host)
{
    private readonly List<GuestDevice> _devices = [];
    private readonly List<string> _warnings = [];

    /// <summary>The definition.</summary>
    public DomainDefinition General { get; } = general;

    /// <summary>The emulator's capabilities.</summary>
    public QemuCapabilities Capabilities { get; } = capabilities;

    /// <summary>What runs the guest's instructions.</summary>
    public Accelerator Accelerator { get; } = accelerator;

    /// <summary>The host's folders.</summary>
    public GuestHost Host { get; } = host;

    /// <summary>The machine; known once the os section is read.</summary>
    public QemuMachine Machine { get; set; } = null!;

    /// <summary>The machine's family.</summary>
    public MachineKind MachineKind { get; set; }

    /// <summary>QEMU's name of the processor; known once the CPU section is read.</summary>
    public string CpuModel { get; set; } = "";

    /// <summary>The guest's memory; known once the memory section is read.</summary>
    public GuestMemory Memory { get; set; } = null!;

    /// <summary>What is wrong so far.</summary>
    public DefinitionFaults Faults { get; } = new();

    /// <summary>What this host or this QEMU lacks for the definition: no fault of the definition, but an error once it is
    /// started.</summary>
    public DefinitionFaults StartFaults { get; } = new();

    /// <summary>What the definition says that has no effect here, for the log.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>The devices, in the order of the XML, implicit ones where they were added.</summary>
    public IReadOnlyList<GuestDevice> Devices => _devices;

    /// <summary>The devices of a type.</summary>
    public IEnumerable<T> Of<T>()
        where T : GuestDevice => _devices.OfType<T>();

    /// <summary>Reads a device that is in the tree.</summary>
    public GuestDevice? Read(XElement element)
    {
        GuestDevice? device = Faults.Try(() => DeviceRegistry.Create(element, this));
        if (device is not null)
            _devices.Add(device);
        return device;
    }

    /// <summary>Adds a device that the definition implies, to the tree and to the devices.</summary>
    public void Imply(XElement element)
    {
        DeviceOrder.Insert(General.Section("devices"), element);
        Read(element);
    }

    /// <summary>Notes that an element has no effect.</summary>
    public void Warn(XElement element, string message) =>
        _warnings.Add($"line {element.Line()}: <{element.Name.LocalName}> {message}");

    /// <summary>Puts the devices in the order of the tree, implied ones too.</summary>
    public void Sort()
    {
        Dictionary<XElement, int> places = General.Section("devices").Elements().Index().ToDictionary(
            pair => pair.Item, pair => pair.Index);
        _devices.Sort((one, other) => places[one.Element].CompareTo(places[other.Element]));
    }

    /// <summary>Notes for the start when QEMU lacks the device type, with the element that asks for it.</summary>
    public void RequireDevice(XObject at, string type)
    {
        if (!Capabilities.HasDevice(type))
            FailStart(at, $"{Capabilities.Emulator} {Capabilities.Version} has no device '{type}'");
    }

    /// <summary>Notes something that the host or QEMU cannot give; a start fails with it.</summary>
    public void FailStart(XObject at, string message, string? action = null) =>
        StartFaults.Try(() => throw XmlFault.Unsupported(at, message, action));
}
