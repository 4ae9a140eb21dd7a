using Virt.NetworkFilters;
using Virt.Remote;
using Virt.Rpc;

namespace Virt.Drivers;

/// <summary>The contract of a network filter driver, opened after the hypervisor driver of the same connection.</summary>
[RpcContract(RemoteProgram.Number, RemoteProgram.Version)]
public interface INetworkFilterDriver : IAsyncDisposable
{
    /// <summary>All network filters, in the order of their names.</summary>
    [Procedure(RemoteProcedure.ListNetworkFilters, Access.Read)]
    ValueTask<IReadOnlyList<NetworkFilterRecord>> ListNetworkFiltersAsync(CancellationToken cancel);
}
