using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary><c>hostdev</c>: a device of the host that the guest gets. A subclass per <c>type</c>.</summary>
internal abstract class HostDevice : GuestDevice
{
    protected HostDevice(XElement element, GuestContext context)
        : base(element, context)
    {
        string type = element.Required("type");
        Source = element.Element("source") ?? throw XmlFault.Invalid(element, "the element source is missing");
        if (type != "usb" && Source.Attribute("startupPolicy") is { } policy)
            throw XmlFault.Unsupported(policy, "only USB devices have a start-up policy");
        foreach (string attribute in (ReadOnlySpan<string>)["sgio", "rawio"])
        {
            if (type != "scsi" && element.Attribute(attribute) is { } found)
                throw XmlFault.Invalid(found, "only SCSI devices have it");
        }

        if (type is not ("mdev" or "scsi_host") && element.Attribute("model") is { } model)
            throw XmlFault.Invalid(model, $"a device of type '{type}' has no model");
        if (InterfaceTeaming.Read(element, isVirtio: false, isHostDevice: true) is { } && type != "pci")
            throw XmlFault.Unsupported(element.Element("teaming")!, "only PCI devices team up with a network card");
    }

    /// <summary>The child <c>source</c>.</summary>
    protected XElement Source { get; }

    /// <summary>Reads a host device.</summary>
    public static GuestDevice Create(XElement element, GuestContext context)
    {
        if ((element.Choice("mode", "subsystem", "capabilities") ?? "subsystem") == "capabilities")
            throw XmlFault.Unsupported(element, "QEMU guests have no devices of mode 'capabilities'");
        element.SetDefault("mode", "subsystem");
        return element.Choice("type", "pci", "usb", "scsi", "scsi_host", "mdev") switch
        {
            "pci" => new PciHostDevice(element, context),
            "usb" => new UsbHostDevice(element, context),
            "scsi" => new ScsiHostDevice(element, context),
            "scsi_host" => new VhostScsiDevice(element, context),
            "mdev" => new MediatedDevice(element, context),
            _ => throw XmlFault.Invalid(element, "the attribute type is missing"),
        };
    }

    /// <inheritdoc/>
    protected override string AliasBase(DeviceAliases aliases) => aliases.Next("hostdev");

    /// <summary>Throws when the guest's address is of another type than the device can have.</summary>
    protected void CheckAddress(params ReadOnlySpan<string> allowed)
    {
        if (Element.Element("address") is { } address && address.Text("type") is { } type && !allowed.Contains(type))
            throw XmlFault.Unsupported(address, $"such a device has an address of type '{allowed[0]}', not '{type}'");
    }
}
