using Virt.Rpc;

namespace Virt.Storage;

/// <summary>A disk image on the host.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="Format">Its format in QEMU's words, as <c>qcow2</c>.</param>
/// <param name="Capacity">The size the guest sees, in bytes.</param>
/// <param name="Allocation">What it takes on the host, in bytes.</param>
/// <param name="Encrypted">Whether its content is encrypted.</param>
/// <param name="Backing">The images below it, the nearest first.</param>
[Wire]
public sealed record ImageRecord(
    string Path, string Format, long Capacity, long Allocation, bool Encrypted, IReadOnlyList<ImageLayer> Backing) : ISubject
{
    Subject ISubject.Subject => new("image", Path, null);
}

/// <summary>An image that another one is based on.</summary>
/// <param name="Path">Its path or URI.</param>
/// <param name="Format">Its format in QEMU's words; null when it cannot be known.</param>
[Wire]
public sealed record ImageLayer(string Path, string? Format);
