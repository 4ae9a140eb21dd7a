using Virt.Remote;
using Virt.Rpc;
using Virt.Storage;

namespace Virt.Drivers;

/// <summary>The contract of a storage driver, opened after the hypervisor driver of the same connection.</summary>
[RpcContract(RemoteProgram.Number, RemoteProgram.Version)]
public interface IStorageDriver : IAsyncDisposable
{
    /// <summary>All storage pools, in the order of their names.</summary>
    [Procedure(RemoteProcedure.ListStoragePools, Access.Read)]
    ValueTask<IReadOnlyList<StoragePoolRecord>> ListStoragePoolsAsync(CancellationToken cancel);
}
