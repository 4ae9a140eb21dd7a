using Virt.NodeDevices;
using Virt.Remote;
using Virt.Rpc;

namespace Virt.Drivers;

/// <summary>The contract of a node device driver, opened after the hypervisor driver of the same connection.</summary>
[RpcContract(RemoteProgram.Number, RemoteProgram.Version)]
public interface INodeDeviceDriver : IAsyncDisposable
{
    /// <summary>All host devices, in the order of their names.</summary>
    [Procedure(RemoteProcedure.ListNodeDevices, Access.Read)]
    ValueTask<IReadOnlyList<NodeDeviceRecord>> ListNodeDevicesAsync(CancellationToken cancel);
}
