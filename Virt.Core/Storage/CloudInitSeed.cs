using Virt.Rpc;

namespace Virt.Storage;

/// <summary>
/// What a guest's cloud-init reads at its first boot: the files of the NoCloud data source, on an ISO 9660 image with the volume
/// name <c>cidata</c>. Source: cloud-init's documentation, "NoCloud".
/// </summary>
/// <param name="Name">The file name of the image in the host's images folder; or an absolute path.</param>
/// <param name="UserData">The file <c>user-data</c>.</param>
/// <param name="MetaData">The file <c>meta-data</c>.</param>
/// <param name="NetworkConfig">The file <c>network-config</c>; null for none.</param>
/// <param name="VendorData">The file <c>vendor-data</c>; null for none.</param>
[Wire]
public sealed record CloudInitSeed(
    string Name, string UserData, string MetaData, string? NetworkConfig = null, string? VendorData = null);
