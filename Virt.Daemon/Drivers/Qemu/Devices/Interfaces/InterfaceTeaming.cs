using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The <c>teaming</c> of two cards, of which the guest makes one: a virtio card that stays and a device of the host that
/// may go.</summary>
/// <param name="IsPersistent">Whether this is the one that stays.</param>
/// <param name="Partner">The alias of the one that stays, on the one that may go.</param>
internal sealed record InterfaceTeaming(bool IsPersistent, string? Partner)
{
    /// <summary>Reads the element; null when there is none.</summary>
    /// <param name="device">The interface or device of the host.</param>
    /// <param name="isVirtio">Whether it is a virtio card.</param>
    /// <param name="isHostDevice">Whether it is a device of the host.</param>
    public static InterfaceTeaming? Read(XElement device, bool isVirtio, bool isHostDevice)
    {
        if (device.Element("teaming") is not { } teaming)
            return null;
        bool persistent = (teaming.Choice("type", "persistent", "transient")
            ?? throw XmlFault.Invalid(teaming, "the attribute type is missing")) == "persistent";
        string? partner = teaming.Text("persistent");
        if (persistent && partner is not null)
            throw XmlFault.Unsupported(teaming.Attribute("persistent")!, "only the card that may go names the one that stays");
        if (!persistent && string.IsNullOrEmpty(partner))
            throw XmlFault.Unsupported(teaming, "the attribute persistent, the alias of the card that stays, is missing");
        if (persistent && !isVirtio)
            throw XmlFault.Unsupported(teaming, "the card that stays has the model 'virtio'");
        if (!persistent && !isHostDevice && device.Text("type") != "network")
            throw XmlFault.Unsupported(teaming, "the card that may go is a device of the host (type 'hostdev')");
        return new InterfaceTeaming(persistent, partner);
    }
}
