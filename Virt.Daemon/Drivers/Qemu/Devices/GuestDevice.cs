using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.CommandLine;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Definition.Addresses;
using Virt.Daemon.Drivers.Qemu.Logs;
using Virt.Daemon.Drivers.Qemu.Ownership;
using Virt.Daemon.Drivers.Qemu.Resources;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>
/// A device of a guest. A subclass is all there is to a kind of device: its constructor reads and checks the element and
/// writes defaults back, <see cref="AddTo"/> writes its part of the command line, <see cref="WriteLive"/> what is known only
/// while it runs. The registry names it; addresses and aliases are given from outside.
/// </summary>
internal abstract class GuestDevice(XElement element, GuestContext context)
{
    /// <summary>The element in the definition's tree.</summary>
    public XElement Element { get; } = element;

    /// <summary>QEMU's id of the device, as <c>virtio-disk0</c>; set once all devices are read.</summary>
    public string Alias { get; private set; } = "";

    /// <summary>What the device needs of PCI; asked when addresses are assigned.</summary>
    public virtual PciNeed PciNeed => PciNeed.None;

    /// <summary>Where the device sits on PCI; null for devices elsewhere.</summary>
    public PciAddress? PciAddress { get; set; }

    /// <summary>The place in the boot order from <c>boot order</c>, or from the classes of <c>os</c>; null when it is not
    /// booted from.</summary>
    public int? BootIndex { get; set; }

    /// <summary>The class that <c>os boot dev</c> calls it by: <c>hd</c>, <c>cdrom</c>, <c>fd</c>, <c>network</c>; null when
    /// it never boots.</summary>
    public virtual string? BootClass => null;

    /// <summary>Whether the live XML names the alias; the schema has none for devices that are none to QEMU.</summary>
    public virtual bool ShowsAlias => true;

    /// <summary>What the host must give before the device is there; asked once it has its alias and command line.</summary>
    public virtual IEnumerable<IHostResource> Resources => [];

    /// <summary>The files of the host that QEMU opens for it; asked when they are to be had.</summary>
    public virtual IEnumerable<GuestFile> Files => DeviceFiles.Of(Element);

    /// <summary>All that the host must give: the device's own, then its files.</summary>
    public IEnumerable<IHostResource> All => [.. Resources, .. DeviceFiles.Sockets(Element).Select(path => new GuestSocket(path)), new FileGrant(Alias, DeviceFiles.AreLeft(Context.General.Root, Element) ? [] : Files), new EmptiedFiles(Files)];

    /// <summary>The rest of the definition.</summary>
    protected GuestContext Context { get; } = context;

    /// <summary>Runs once all devices of the XML are read: takes addresses off PCI and implies the controllers they
    /// need.</summary>
    public virtual void Connect()
    {
    }

    /// <summary>Writes the device's options.</summary>
    public abstract void AddTo(QemuArguments arguments);

    /// <summary>Completes a copy of the element with what is known only of the running guest.</summary>
    public virtual void WriteLive(XElement copy)
    {
    }

    /// <summary>Takes back from the element of a live XML what <see cref="WriteLive"/> wrote.</summary>
    public virtual void ReadLive(XElement live)
    {
    }

    /// <summary>Gives the alias: the definition's own, or libvirt's name for it.</summary>
    public void AssignAlias(DeviceAliases aliases) => Alias = aliases.Take(Element, AliasBase(aliases));

    /// <summary>The alias libvirt would give; <paramref name="aliases"/> counts per prefix.</summary>
    protected abstract string AliasBase(DeviceAliases aliases);

    /// <summary>Starts the JSON of a <c>-device</c> with the driver, the id, and where it sits on PCI.</summary>
    protected System.Text.Json.Nodes.JsonObject NewDevice(string driver) =>
        JsonProperties.Device(driver, Alias).OnPci(PciAddress, Context).With("acpi-index", PciAddress is null ? null : AcpiIndex);

    /// <summary>The number by which the guest's operating system names the device; null when the definition gives none.</summary>
    private long? AcpiIndex => Element.Element("acpi")?.Number("index", 0, 16383) is > 0 and var index ? index : null;
}
