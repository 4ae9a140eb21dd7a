using Virt.Rpc;

namespace Virt.Networks;

/// <summary>A virtual network.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uuid">Its identity.</param>
/// <param name="Active">Whether it is up.</param>
/// <param name="Persistent">Whether a definition outlives its run.</param>
/// <param name="Autostart">Whether it comes up with the host.</param>
/// <param name="Bridge">The host's bridge, or null.</param>
[Wire]
public sealed record NetworkRecord(string Name, Guid Uuid, bool Active, bool Persistent, bool Autostart, string? Bridge);
