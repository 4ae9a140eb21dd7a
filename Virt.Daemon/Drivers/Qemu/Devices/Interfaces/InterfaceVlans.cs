using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Daemon.Drivers.Qemu.Resources.Network;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Reads the <c>vlan</c> of an interface.</summary>
internal static class InterfaceVlans
{
    private const int Largest = 4095;

    /// <summary>The VLANs; null when there are none.</summary>
    public static PortVlans? Read(XElement card)
    {
        if (card.Element("vlan") is not { } vlan)
            return null;
        XElement[] tags = [.. vlan.Elements("tag")];
        if (tags.Length == 0)
            throw XmlFault.Invalid(vlan, "the element tag is missing");
        int[] numbers = [.. tags.Select(
            tag => tag.Integer("id", 0, Largest) ?? throw XmlFault.Invalid(tag, "the attribute id is missing"))];
        XElement[] native = [.. tags.Where(tag => tag.Choice("nativeMode", "tagged", "untagged") is not null)];
        if (native.Length > 1)
            throw XmlFault.Invalid(native[1], "there is one native VLAN at most");
        bool? trunk = vlan.Flag("trunk");
        if (trunk == false && (tags.Length > 1 || native.Length > 0))
            throw XmlFault.Invalid(vlan.Attribute("trunk")!, "several VLANs, or a native one, make a trunk");
        return new PortVlans(
            numbers, trunk == true || tags.Length > 1, native.Length > 0 ? native[0].Integer("id", 0, Largest) : null,
            native.Length > 0 && native[0].Text("nativeMode") == "tagged");
    }
}
