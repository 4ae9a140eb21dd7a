using Virt.Secrets;

namespace Virt.Drivers.Test;

/// <summary>A test host has no secrets.</summary>
internal sealed class TestSecretDriver : ISecretDriver
{
    public ValueTask<IReadOnlyList<SecretRecord>> ListSecretsAsync(CancellationToken cancel) =>
        cancel.IsCancellationRequested
            ? ValueTask.FromCanceled<IReadOnlyList<SecretRecord>>(cancel)
            : ValueTask.FromResult<IReadOnlyList<SecretRecord>>([]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
