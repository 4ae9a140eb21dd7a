using System.Net;

namespace Virt.Daemon.Drivers.Qemu.Resources.Network;

/// <summary>What a guest's tap interface is to be.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Device">The device, for errors.</param>
/// <param name="Mac">The guest's MAC address.</param>
/// <param name="MultiQueue">Whether QEMU opens it several times.</param>
internal sealed record TapSettings(string Name, string Device, byte[] Mac, bool MultiQueue)
{
    /// <summary>The bridge it is a port of; null for none.</summary>
    public string? Bridge { get; init; }

    /// <summary>What an Open vSwitch bridge is told; null for a bridge of the kernel.</summary>
    public IReadOnlyDictionary<string, string>? SwitchIdentity { get; init; }

    /// <summary>The MTU; null for the bridge's.</summary>
    public int? Mtu { get; init; }

    /// <summary>Whether it talks to no other isolated port.</summary>
    public bool Isolated { get; init; }

    /// <summary>Its VLANs; null for what the bridge gives.</summary>
    public PortVlans? Vlans { get; init; }

    /// <summary>Limits what the guest receives.</summary>
    public TrafficRate? Inbound { get; init; }

    /// <summary>Limits what the guest sends.</summary>
    public TrafficRate? Outbound { get; init; }

    /// <summary>After how many frames an interrupt comes; null for the kernel's default.</summary>
    public int? ReceiveFrames { get; init; }

    /// <summary>Whether it is there before and after; then only its presence is checked.</summary>
    public bool Unmanaged { get; init; }

    /// <summary>A program that is run with its name once it is there; null for none.</summary>
    public string? Script { get; init; }

    /// <summary>A program that is run with its name before it goes; null for none.</summary>
    public string? DownScript { get; init; }

    /// <summary>The host's addresses on it.</summary>
    public IReadOnlyList<LinkAddress> Addresses { get; init; } = [];

    /// <summary>The host's routes by it.</summary>
    public IReadOnlyList<LinkRoute> Routes { get; init; } = [];
}

/// <summary>An address of an interface.</summary>
internal sealed record LinkAddress(IPAddress Address, int Prefix, IPAddress? Peer);

/// <summary>A route by an interface.</summary>
internal sealed record LinkRoute(IPAddress Network, int Prefix, IPAddress? Gateway, uint? Metric);
