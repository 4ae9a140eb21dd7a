using Virt.Rpc;

namespace Virt.Storage;

/// <summary>A disk image to make.</summary>
/// <param name="Name">A file name, for a file in the host's images folder; or an absolute path.</param>
/// <param name="Format"><c>raw</c> or <c>qcow2</c>.</param>
/// <param name="Capacity">The size the guest sees, in bytes; 0 takes that of the backing image.</param>
/// <param name="Backing">The absolute path of an image it is an overlay of; null for none. Needs <c>qcow2</c>.</param>
/// <param name="BackingFormat">That image's format; null for the one that virtd has noted, or else <c>raw</c>.</param>
[Wire]
public sealed record ImageRequest(
    string Name, string Format, long Capacity, string? Backing = null, string? BackingFormat = null);
