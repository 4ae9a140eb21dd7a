using System.Net;
using System.Net.Sockets;

namespace Virt.Daemon.Rpc.Listeners;

/// <summary>Network addresses as limits count them.</summary>
internal static class NetworkAddress
{
    private const int NetworkBytes = 8;

    /// <summary>The address of an end point; of IPv6 the network of 64 bits, as one host has all of it. Null where there is none.</summary>
    public static string? KeyOf(EndPoint? endPoint)
    {
        if (endPoint is not IPEndPoint { Address: var address })
            return null;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address.ToString();
        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}
