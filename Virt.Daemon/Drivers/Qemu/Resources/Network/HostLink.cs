using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Virt.Errors;
using Virt.Native;

namespace Virt.Daemon.Drivers.Qemu.Resources.Network;

/// <summary>What the kernel tells of a network interface.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Index">Its number.</param>
/// <param name="Mtu">Its MTU.</param>
/// <param name="Address">Its MAC address.</param>
/// <param name="Kind">The kind of a virtual one, as <c>bridge</c>; null otherwise.</param>
/// <param name="FiltersVlans">Whether it is a bridge that tells VLANs apart.</param>
internal sealed record HostLink(string Name, int Index, int Mtu, byte[] Address, string? Kind, bool FiltersVlans)
{
    /// <summary>How long a name is at most.</summary>
    public const int MaximumName = 15;

    private const ushort GetLink = 18;
    private const int FixedLength = 16;
    private const ushort AddressAttribute = 1;
    private const ushort MtuAttribute = 4;
    private const ushort LinkInfo = 18;
    private const ushort InfoKind = 1;
    private const ushort InfoData = 2;
    private const ushort BridgeVlanFiltering = 7;

    /// <summary>Reads an interface; null when there is none of the name.</summary>
    public static HostLink? Find(string name)
    {
        int index = HostLinkNames.IndexOf(name);
        if (index == 0)
            return null;
        string what = $"the network interface '{name}' cannot be read";
        byte[] answer = Netlink.Send(new NetlinkMessage(GetLink).Link(0, index), what, name);
        if (answer.Length < FixedLength)
            return null;
        ReadOnlySpan<byte> attributes = answer.AsSpan(FixedLength);
        ReadOnlySpan<byte> info = Netlink.Find(attributes, LinkInfo);
        ReadOnlySpan<byte> mtu = Netlink.Find(attributes, MtuAttribute);
        ReadOnlySpan<byte> filtering = Netlink.Find(Netlink.Find(info, InfoData), BridgeVlanFiltering);
        string kind = System.Text.Encoding.ASCII.GetString(Netlink.Find(info, InfoKind)).TrimEnd('\0');
        return new HostLink(
            name, index, mtu.Length >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(mtu) : 0, Netlink.Find(attributes, AddressAttribute).ToArray(),
            kind.Length > 0 ? kind : null, filtering.Length > 0 && filtering[0] != 0);
    }

    /// <summary>Reads an interface that must be there.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationFailed"/> when there is none.</exception>
    public static HostLink Get(string name, string use) => Find(name) ?? throw new VirtException(
        VirtErrorCode.OperationFailed, $"the host has no network interface '{name}', which {use}", name,
        "'ip link' lists those that are there.");
}

/// <summary>Names and numbers of network interfaces (if_nametoindex(3)), in the daemon's own network namespace.</summary>
internal static partial class HostLinkNames
{
    private static int _next = -1;

    /// <summary>The number of an interface; 0 when there is none of the name.</summary>
    public static int IndexOf(string name) => (int)ToIndex(name);

    /// <summary>A name that no interface has; no two calls give the same one.</summary>
    /// <param name="prefix">What it begins with, as <c>vnet</c>; a number follows.</param>
    public static string Next(string prefix)
    {
        while (true)
        {
            string name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{prefix}{(uint)Interlocked.Increment(ref _next)}");
            if (IndexOf(name) == 0)
                return name;
        }
    }

    [LibraryImport(LibC.Name, EntryPoint = "if_nametoindex", StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint ToIndex(string name);
}
