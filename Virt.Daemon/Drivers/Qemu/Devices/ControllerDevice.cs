using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>What all controllers have: a type, an index by which devices find them, and a bus.</summary>
internal abstract class ControllerDevice : GuestDevice
{
    private const int MaximumIndex = 255;

    protected ControllerDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        Type = element.Required("type");
        Index = element.Integer("index", 0, MaximumIndex) ?? UsbController.GroupIndex(element) ?? FreeIndex();
        element.SetAttributeValue("index", Index);
        if (AllowsTwins || !context.Of<ControllerDevice>().Any(other => other.Type == Type && other.Index == Index))
            return;
        throw XmlFault.Invalid(element, $"two controllers of type '{Type}' have the index {Index}");
    }

    /// <summary>The type: <c>pci</c>, <c>usb</c>, <c>scsi</c>, ...</summary>
    public string Type { get; }

    /// <summary>The index among controllers of the type.</summary>
    public int Index { get; }

    /// <summary>Whether several elements together make the controller, as the four of an ICH9 USB controller.</summary>
    protected virtual bool AllowsTwins => false;

    /// <summary>Reads a controller of any type.</summary>
    public static GuestDevice Create(XElement element, GuestContext context) => element.Required("type") switch
    {
        "pci" => new PciController(element, context),
        "usb" => new UsbController(element, context),
        "scsi" => new ScsiController(element, context),
        "sata" => new SataController(element, context),
        "ide" => new IdeController(element, context),
        "fdc" => new FloppyController(element, context),
        "ccid" => new CcidController(element, context),
        "isa" => new IsaController(element, context),
        "virtio-serial" => new VirtioSerialController(element, context),
        var other =>
            throw XmlFault.Unsupported(
                element, $"QEMU's x86 machines have no controller of type '{other}'", "Remove the element."),
    };

    /// <summary>QEMU's name of the bus behind it.</summary>
    /// <param name="channel">Which of its buses, for controllers that have several.</param>
    public virtual string Bus(int channel = 0) => $"{Alias}.{channel}";

    private int FreeIndex()
    {
        IEnumerable<XElement> same = Element.Parent!.Elements("controller").Where(other => other.Text("type") == Type);
        HashSet<string?> taken = [.. same.Select(other => other.Text("index"))];
        int index = 0;
        while (taken.Contains(index.ToString(System.Globalization.CultureInfo.InvariantCulture)))
            index++;
        return index;
    }
}
