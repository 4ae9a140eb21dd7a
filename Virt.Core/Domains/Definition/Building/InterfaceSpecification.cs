namespace Virt.Domains.Definition;

/// <summary>A network card described by what people choose; what is null is left to the hypervisor.</summary>
/// <param name="Type">Where it leads: <c>user</c>, <c>bridge</c>, <c>network</c>, <c>direct</c>, <c>ethernet</c>.</param>
/// <param name="Source">The bridge, network, or device of the host; null for <c>user</c>.</param>
public sealed record InterfaceSpecification(string Type, string? Source = null)
{
    /// <summary>The mode of a direct interface: <c>bridge</c>, <c>vepa</c>, <c>private</c>, <c>passthrough</c>.</summary>
    public string? Mode { get; init; }

    /// <summary>The hardware address; null to make one.</summary>
    public string? Mac { get; init; }

    /// <summary>The model that the guest sees, as <c>virtio</c> or <c>e1000e</c>.</summary>
    public string Model { get; init; } = "virtio";

    /// <summary>The name of the host's end.</summary>
    public string? Target { get; init; }

    /// <summary>The largest packet, in bytes.</summary>
    public int? Mtu { get; init; }

    /// <summary>Whether the cable is plugged in; null for yes.</summary>
    public bool? Connected { get; init; }

    /// <summary>The queues of a virtio card.</summary>
    public int? Queues { get; init; }

    /// <summary>The VLAN that its packets are tagged with.</summary>
    public int? Vlan { get; init; }

    /// <summary>The network filter.</summary>
    public string? Filter { get; init; }

    /// <summary>The group of ports of a network.</summary>
    public string? PortGroup { get; init; }

    /// <summary>Its place in the boot order, from 1.</summary>
    public int? BootOrder { get; init; }

    /// <summary>The most bytes a second into the guest; whole KiB.</summary>
    public long? InboundLimit { get; init; }

    /// <summary>The most bytes a second out of the guest; whole KiB.</summary>
    public long? OutboundLimit { get; init; }

    /// <summary>Where it leads, in words.</summary>
    public string Describe() => Type switch
    {
        "user" => "user network",
        "direct" => $"host device {Source}",
        _ => Source is null ? Type : $"{Type} {Source}",
    };
}
