using Virt.Errors;
using Virt.Remote;
using Virt.Rpc;
using Virt.Secrets;

namespace Virt.Drivers;

/// <summary>The contract of a secret driver, opened after the hypervisor driver of the same connection.</summary>
[RpcContract(RemoteProgram.Number, RemoteProgram.Version, Subject = "secret")]
public interface ISecretDriver : IAsyncDisposable
{
    /// <summary>All secrets, without their values, in the order of their names.</summary>
    [Procedure(RemoteProcedure.ListSecrets, Access.Read)]
    ValueTask<IReadOnlyList<SecretRecord>> ListSecretsAsync(CancellationToken cancel);

    /// <summary>Defines a secret by libvirt's secret XML, or redefines the one with the same uuid and usage.</summary>
    [Procedure(RemoteProcedure.DefineSecret, Access.Define)]
    ValueTask<SecretRecord> DefineSecretAsync(string xml, CancellationToken cancel);

    /// <summary>Removes a secret and its value.</summary>
    [Procedure(RemoteProcedure.UndefineSecret, Access.Define)]
    ValueTask UndefineSecretAsync(Guid uuid, CancellationToken cancel);

    /// <summary>The secret's definition.</summary>
    [Procedure(RemoteProcedure.GetSecretXml, Access.Read)]
    ValueTask<string> GetSecretXmlAsync(Guid uuid, CancellationToken cancel);

    /// <summary>Sets the value.</summary>
    [Procedure(RemoteProcedure.SetSecretValue, Access.Secret)]
    ValueTask SetSecretValueAsync(Guid uuid, ReadOnlyMemory<byte> value, CancellationToken cancel);

    /// <summary>The value. That of a private secret never leaves the daemon: <see cref="VirtErrorCode.InvalidSecret"/>; one without
    /// a value is <see cref="VirtErrorCode.NoSecret"/>.</summary>
    [Procedure(RemoteProcedure.GetSecretValue, Access.Secret)]
    ValueTask<ReadOnlyMemory<byte>> GetSecretValueAsync(Guid uuid, CancellationToken cancel);
}
