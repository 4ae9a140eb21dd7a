using Virt.Errors;
using Virt.Secrets;

namespace Virt.Drivers.Test;

/// <summary>A test host has no secrets.</summary>
internal sealed class TestSecretDriver : ISecretDriver
{
    public ValueTask<IReadOnlyList<SecretRecord>> ListSecretsAsync(CancellationToken cancel) =>
        cancel.IsCancellationRequested
            ? ValueTask.FromCanceled<IReadOnlyList<SecretRecord>>(cancel)
            : ValueTask.FromResult<IReadOnlyList<SecretRecord>>([]);

    public ValueTask<SecretRecord> DefineSecretAsync(string xml, CancellationToken cancel) =>
        throw new VirtException(VirtErrorCode.NoSupport, "not offered yet");

    public ValueTask UndefineSecretAsync(Guid uuid, CancellationToken cancel) =>
        throw new VirtException(VirtErrorCode.NoSupport, "not offered yet");

    public ValueTask<string> GetSecretXmlAsync(Guid uuid, CancellationToken cancel) =>
        throw new VirtException(VirtErrorCode.NoSupport, "not offered yet");

    public ValueTask SetSecretValueAsync(Guid uuid, ReadOnlyMemory<byte> value, CancellationToken cancel) =>
        throw new VirtException(VirtErrorCode.NoSupport, "not offered yet");

    public ValueTask<ReadOnlyMemory<byte>> GetSecretValueAsync(Guid uuid, CancellationToken cancel) =>
        throw new VirtException(VirtErrorCode.NoSupport, "not offered yet");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
