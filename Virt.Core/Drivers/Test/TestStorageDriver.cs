using Virt.Storage;

namespace Virt.Drivers.Test;

/// <summary>The storage pools of a test host.</summary>
internal sealed class TestStorageDriver(IReadOnlyList<StoragePoolRecord> records) : IStorageDriver
{
    public ValueTask<IReadOnlyList<StoragePoolRecord>> ListStoragePoolsAsync(CancellationToken cancel) =>
        cancel.IsCancellationRequested
            ? ValueTask.FromCanceled<IReadOnlyList<StoragePoolRecord>>(cancel)
            : ValueTask.FromResult(records);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
