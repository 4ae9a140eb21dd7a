using Virt.Remote;
using Virt.Rpc;
using Virt.Secrets;

namespace Virt.Drivers;

/// <summary>The contract of a secret driver, opened after the hypervisor driver of the same connection.</summary>
[RpcContract(RemoteProgram.Number, RemoteProgram.Version)]
public interface ISecretDriver : IAsyncDisposable
{
    /// <summary>All secrets, without their values, in the order of their names.</summary>
    [Procedure(RemoteProcedure.ListSecrets, Access.Read)]
    ValueTask<IReadOnlyList<SecretRecord>> ListSecretsAsync(CancellationToken cancel);
}
