using System.Xml.Linq;
using Virt.Daemon.Drivers.Qemu.Definition;
using Virt.Domains.Definition;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>The <c>virtualport</c> of an interface: who is told of the guest's port.</summary>
/// <param name="Type"><c>openvswitch</c>, <c>midonet</c>, <c>802.1Qbg</c> or <c>802.1Qbh</c>; null when it says none.</param>
/// <param name="InterfaceId">The port's identity; empty for those that have none.</param>
/// <param name="Profile">The name of a profile; null for none.</param>
internal sealed record VirtualPort(string? Type, string InterfaceId, string? Profile)
{
    /// <summary>Reads the element, and gives an Open vSwitch port an identity; null when there is none.</summary>
    /// <param name="card">The interface.</param>
    /// <param name="typeNeeded">Whether it must name a type.</param>
    public static VirtualPort? Read(XElement card, bool typeNeeded)
    {
        if (card.Element("virtualport") is not { } port)
            return null;
        string? type = port.Choice("type", "openvswitch", "midonet", "802.1Qbg", "802.1Qbh");
        if (type is null && typeNeeded)
            throw XmlFault.Invalid(port, "the attribute type is missing");
        XElement? parameters = port.Element("parameters");
        parameters?.Integer("managerid", 0, 0xff);
        parameters?.Integer("typeid", 0, 0xffffff);
        parameters?.Integer("typeidversion", 0, 0xff);
        if (parameters?.Text("profileid") is { Length: > 39 })
            throw XmlFault.Invalid(parameters.Attribute("profileid")!, "it is too long");
        string? id = parameters?.Text("interfaceid");
        if (id is not null && !Guid.TryParse(id, out _))
            throw XmlFault.Invalid(parameters!.Attribute("interfaceid")!, $"'{id}' is not a uuid");
        if (type == "midonet" && id is null)
            throw XmlFault.Invalid(port, "a port of type 'midonet' needs an interfaceid");
        if (type == "openvswitch" && id is null)
        {
            if (parameters is null)
                port.Add(parameters = new XElement("parameters"));
            parameters.SetAttributeValue("interfaceid", id = Guid.NewGuid().ToString("D"));
        }

        return new VirtualPort(type, id ?? "", parameters?.Text("profileid"));
    }
}
