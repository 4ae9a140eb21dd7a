using Virt.Rpc;
using Virt.Storage;

namespace Virt.Domains;

/// <summary>A device of a domain.</summary>
/// <param name="Kind">The name of its element, as <c>disk</c>.</param>
/// <param name="Xml">Its element, without passwords.</param>
/// <param name="Alias">Its id in the running guest; null while it is off.</param>
/// <param name="Presence">Where it is: <see cref="ChangeScope.Live"/> for a device that is gone at the next start, <see
/// cref="ChangeScope.Config"/> for one that comes then, or of a domain that is off, <see cref="ChangeScope.Both"/>.</param>
/// <param name="Image">A disk's image, when details were asked for and it can be read; else null.</param>
/// <param name="Addresses">An interface's addresses in the guest, as <c>10.0.2.15/24</c>, when details were asked for and they
/// are known.</param>
[Wire]
public sealed record DeviceRecord(
    string Kind, string Xml, string? Alias, ChangeScope Presence, ImageRecord? Image, IReadOnlyList<string> Addresses);
