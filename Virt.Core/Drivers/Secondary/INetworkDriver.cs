using Virt.Networks;
using Virt.Remote;
using Virt.Rpc;

namespace Virt.Drivers;

/// <summary>The contract of a network driver, opened after the hypervisor driver of the same connection.</summary>
[RpcContract(RemoteProgram.Number, RemoteProgram.Version)]
public interface INetworkDriver : IAsyncDisposable
{
    /// <summary>All virtual networks, in the order of their names.</summary>
    [Procedure(RemoteProcedure.ListNetworks, Access.Read)]
    ValueTask<IReadOnlyList<NetworkRecord>> ListNetworksAsync(CancellationToken cancel);
}
