using Virt.Drivers;

namespace Virt.Secrets;

/// <summary>The secret driver of one connection, on the secrets of its host.</summary>
internal sealed class SecretCatalogDriver(SecretCatalog catalog) : ISecretDriver
{
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SecretRecord>> ListSecretsAsync(CancellationToken cancel) => Run(catalog.List, cancel);

    /// <inheritdoc/>
    public ValueTask<SecretRecord> DefineSecretAsync(string xml, CancellationToken cancel) =>
        Run(() => catalog.Define(SecretDefinition.Parse(xml)), cancel);

    /// <inheritdoc/>
    public ValueTask UndefineSecretAsync(Guid uuid, CancellationToken cancel) => Run(() => catalog.Undefine(uuid), cancel);

    /// <inheritdoc/>
    public ValueTask<string> GetSecretXmlAsync(Guid uuid, CancellationToken cancel) => Run(() => catalog.GetDefinition(uuid).ToXml(), cancel);

    /// <inheritdoc/>
    public ValueTask SetSecretValueAsync(Guid uuid, ReadOnlyMemory<byte> value, CancellationToken cancel) =>
        Run(() => catalog.SetValue(uuid, value), cancel);

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>> GetSecretValueAsync(Guid uuid, CancellationToken cancel) => Run(() => catalog.GetValue(uuid), cancel);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static ValueTask<T> Run<T>(Func<T> work, CancellationToken cancel) =>
        cancel.IsCancellationRequested ? ValueTask.FromCanceled<T>(cancel) : ValueTask.FromResult(work());

    private static ValueTask Run(Action work, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested)
            return ValueTask.FromCanceled(cancel);
        work();
        return ValueTask.CompletedTask;
    }
}
