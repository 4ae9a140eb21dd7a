using Virt.Rpc;

namespace Virt.Domains;

/// <summary>Which devices are listed, and how much of them.</summary>
/// <param name="Kinds">Names of elements under <c>devices</c>, as <c>disk</c>; null for all.</param>
/// <param name="Inactive">Those of the persistent definition, also of a domain that runs.</param>
/// <param name="Details">Whether images are opened for their sizes and backing chains, and addresses of interfaces looked up.</param>
[Wire]
public sealed record DeviceQuery(IReadOnlyList<string>? Kinds = null, bool Inactive = false, bool Details = false);

/// <summary>The devices of one domain.</summary>
/// <param name="Uuid">The domain.</param>
/// <param name="Name">Its name.</param>
/// <param name="Devices">The devices, in the order of the definition.</param>
[Wire]
public sealed record DomainDeviceList(Guid Uuid, string Name, IReadOnlyList<DeviceRecord> Devices);
