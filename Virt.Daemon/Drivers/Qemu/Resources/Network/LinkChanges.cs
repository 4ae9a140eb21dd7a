using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Resources.Network;

/// <summary>Changes of the host's network interfaces.</summary>
internal static class LinkChanges
{
    private const ushort NewLink = 16;
    private const ushort DeleteLink = 17;
    private const ushort SetLink = 19;
    private const ushort NewAddress = 20;
    private const ushort NewRoute = 24;
    private const ushort Create = 0x400;
    private const ushort Exclusive = 0x200;
    private const byte BridgeFamily = 7;
    private const uint UpFlag = 1;

    private const ushort AddressAttribute = 1;
    private const ushort NameAttribute = 3;
    private const ushort MtuAttribute = 4;
    private const ushort LowerAttribute = 5;
    private const ushort MasterAttribute = 10;
    private const ushort PortAttribute = 12;
    private const ushort InfoAttribute = 18;
    private const ushort FamilyAttribute = 26;
    private const ushort IsolatedPort = 33;
    private const int NoDevice = 19;

    /// <summary>Sets the MTU.</summary>
    public static void SetMtu(HostLink link, int mtu) => Netlink.Send(
        new NetlinkMessage(SetLink).Link(0, link.Index).Attribute(MtuAttribute, (uint)mtu), $"the MTU of '{link.Name}' cannot be set to {mtu}", link.Name);

    /// <summary>Sets the MAC address.</summary>
    public static void SetAddress(HostLink link, ReadOnlySpan<byte> address) => Netlink.Send(
        new NetlinkMessage(SetLink).Link(0, link.Index).Attribute(AddressAttribute, address), $"the MAC address of '{link.Name}' cannot be set",
        link.Name);

    /// <summary>Makes an interface a port of a bridge.</summary>
    public static void SetMaster(HostLink link, HostLink bridge) => Netlink.Send(
        new NetlinkMessage(SetLink).Link(0, link.Index).Attribute(MasterAttribute, (uint)bridge.Index),
        $"'{link.Name}' cannot be made a port of '{bridge.Name}'", bridge.Name);

    /// <summary>Brings an interface up.</summary>
    public static void SetUp(HostLink link) => Netlink.Send(
        new NetlinkMessage(SetLink).Link(0, link.Index, UpFlag, UpFlag), $"'{link.Name}' cannot be brought up", link.Name);

    /// <summary>Keeps a bridge's port from talking to its other isolated ports.</summary>
    public static void Isolate(HostLink port) => Netlink.Send(
        new NetlinkMessage(SetLink).Link(BridgeFamily, port.Index).Nest(PortAttribute, inside => inside.Attribute(IsolatedPort, [1])),
        $"the port '{port.Name}' cannot be isolated", port.Name);

    /// <summary>Lets a VLAN through a bridge's port.</summary>
    /// <param name="port">The port.</param>
    /// <param name="id">The VLAN.</param>
    /// <param name="native">Whether untagged frames that arrive belong to it.</param>
    /// <param name="untagged">Whether its frames leave untagged.</param>
    public static void AddVlan(HostLink port, int id, bool native, bool untagged)
    {
        byte[] info = new byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(info, (ushort)((native ? 2 : 0) | (untagged ? 4 : 0)));
        BinaryPrimitives.WriteUInt16LittleEndian(info.AsSpan(2), (ushort)id);
        ChangeVlan(SetLink, port, info, $"VLAN {id} cannot be let through '{port.Name}'");
    }

    /// <summary>Takes the VLAN that a bridge gives each new port.</summary>
    public static void RemoveDefaultVlan(HostLink port) => ChangeVlan(DeleteLink, port, [0, 0, 1, 0], $"the default VLAN of '{port.Name}' cannot be taken away");

    /// <summary>Makes a macvtap interface on a lower one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="lower">The lower interface.</param>
    /// <param name="mode">The kernel's number of the mode.</param>
    /// <param name="address">Its MAC address.</param>
    public static void AddMacvtap(string name, HostLink lower, uint mode, ReadOnlySpan<byte> address) => Netlink.Send(
        new NetlinkMessage(NewLink, Create | Exclusive).Link(0, 0).Attribute(NameAttribute, name).Attribute(LowerAttribute, (uint)lower.Index)
            .Attribute(AddressAttribute, address)
            .Nest(InfoAttribute, info => info.Attribute(1, "macvtap").Nest(2, data => data.Attribute(1, mode))),
        $"a macvtap interface on '{lower.Name}' cannot be made", lower.Name);

    /// <summary>Removes an interface; whether it was there.</summary>
    public static bool Remove(HostLink link)
    {
        int error = Netlink.TrySend(new NetlinkMessage(DeleteLink).Link(0, link.Index), $"'{link.Name}' cannot be removed", link.Name, out _);
        return error switch
        {
            0 => true,
            NoDevice => false,
            _ => throw Native(error, $"'{link.Name}' cannot be removed", link.Name),
        };
    }

    /// <summary>Gives an interface an address.</summary>
    public static void AddAddress(HostLink link, IPAddress address, int prefix, IPAddress? peer)
    {
        byte[] head = [Family(address), (byte)prefix, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4), link.Index);
        Netlink.Send(
            new NetlinkMessage(NewAddress, Create).Fixed(head).Attribute(2, address.GetAddressBytes()).Attribute(1, (peer ?? address).GetAddressBytes()),
            $"the address {address}/{prefix} cannot be given to '{link.Name}'", link.Name);
    }

    /// <summary>Adds a route that leaves by an interface.</summary>
    public static void AddRoute(HostLink link, IPAddress network, int prefix, IPAddress? gateway, uint? metric)
    {
        const byte mainTable = 254;
        const byte staticRoute = 4;
        byte[] head = [Family(network), (byte)prefix, 0, 0, mainTable, staticRoute, gateway is null ? (byte)253 : (byte)0, 1, 0, 0, 0, 0];
        NetlinkMessage message = new NetlinkMessage(NewRoute, Create).Fixed(head).Attribute(1, network.GetAddressBytes()).Attribute(4, (uint)link.Index);
        if (gateway is not null)
            message.Attribute(5, gateway.GetAddressBytes());
        if (metric is { } priority)
            message.Attribute(6, priority);
        Netlink.Send(message, $"the route to {network}/{prefix} by '{link.Name}' cannot be added", link.Name);
    }

    /// <summary>Sets MAC address and VLAN of a virtual function of a network card, through the card's own interface.</summary>
    public static void SetVirtualFunction(HostLink card, int function, ReadOnlySpan<byte> address, int? vlan)
    {
        byte[] mac = new byte[36];
        BinaryPrimitives.WriteInt32LittleEndian(mac, function);
        address.CopyTo(mac.AsSpan(4));
        byte[] tag = new byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(tag, function);
        BinaryPrimitives.WriteInt32LittleEndian(tag.AsSpan(4), vlan ?? 0);
        Netlink.Send(
            new NetlinkMessage(SetLink).Link(0, card.Index).Nest(22, list => list.Nest(1, info =>
            {
                info.Attribute(1, mac);
                if (vlan is not null)
                    info.Attribute(2, tag);
            })),
            $"MAC address and VLAN of virtual function {function} of '{card.Name}' cannot be set", card.Name);
    }

    private static void ChangeVlan(ushort type, HostLink port, byte[] info, string what) => Netlink.Send(
        new NetlinkMessage(type).Link(BridgeFamily, port.Index).Nest(FamilyAttribute, inside => inside.Attribute(2, info)), what, port.Name);

    private static byte Family(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? (byte)10 : (byte)2;

    private static VirtException Native(int error, string what, string target) => Virt.Native.LibC.Error(error, what, target);
}
