using Virt.Rpc;

namespace Virt.Storage;

/// <summary>A storage pool.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uuid">Its identity.</param>
/// <param name="Type">Its kind, as <c>dir</c>.</param>
/// <param name="Active">Whether it is started.</param>
/// <param name="Persistent">Whether a definition outlives its run.</param>
/// <param name="Autostart">Whether it starts with the host.</param>
/// <param name="Capacity">Its size in bytes.</param>
/// <param name="Allocation">What is used of it, in bytes.</param>
/// <param name="Path">Its target folder, or null.</param>
[Wire]
public sealed record StoragePoolRecord(
    string Name, Guid Uuid, string Type, bool Active, bool Persistent, bool Autostart, long Capacity, long Allocation, string? Path);
