using Virt.Rpc;

namespace Virt.Interfaces;

/// <summary>A network interface of the host.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Mac">Its hardware address, or null.</param>
/// <param name="Active">Whether it is up.</param>
[Wire]
public sealed record InterfaceRecord(string Name, string? Mac, bool Active);
