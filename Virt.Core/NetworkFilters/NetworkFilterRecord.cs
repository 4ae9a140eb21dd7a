using Virt.Rpc;

namespace Virt.NetworkFilters;

/// <summary>A network filter.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uuid">Its identity.</param>
[Wire]
public sealed record NetworkFilterRecord(string Name, Guid Uuid);
