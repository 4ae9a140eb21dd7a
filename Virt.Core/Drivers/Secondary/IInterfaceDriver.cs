using Virt.Interfaces;
using Virt.Remote;
using Virt.Rpc;

namespace Virt.Drivers;

/// <summary>The contract of a host interface driver, opened after the hypervisor driver of the same connection.</summary>
[RpcContract(RemoteProgram.Number, RemoteProgram.Version)]
public interface IInterfaceDriver : IAsyncDisposable
{
    /// <summary>All host network interfaces, in the order of their names.</summary>
    [Procedure(RemoteProcedure.ListInterfaces, Access.Read)]
    ValueTask<IReadOnlyList<InterfaceRecord>> ListInterfacesAsync(CancellationToken cancel);
}
