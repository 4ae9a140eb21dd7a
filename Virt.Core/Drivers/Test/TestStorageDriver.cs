using Virt.Errors;
using Virt.Storage;

namespace Virt.Drivers.Test;

/// <summary>The storage pools of a test host.</summary>
internal sealed class TestStorageDriver(IReadOnlyList<StoragePoolRecord> records) : IStorageDriver
{
    public ValueTask<IReadOnlyList<StoragePoolRecord>> ListStoragePoolsAsync(CancellationToken cancel) =>
        cancel.IsCancellationRequested
            ? ValueTask.FromCanceled<IReadOnlyList<StoragePoolRecord>>(cancel)
            : ValueTask.FromResult(records);

    public ValueTask<ImageRecord> GetImageAsync(string path, CancellationToken cancel) =>
        throw new VirtException(VirtErrorCode.NoSupport, "not offered yet");

    public ValueTask<ImageRecord> CreateImageAsync(ImageRequest request, CancellationToken cancel) =>
        throw new VirtException(VirtErrorCode.NoSupport, "not offered yet");

    public ValueTask DeleteImageAsync(string path, CancellationToken cancel) =>
        throw new VirtException(VirtErrorCode.NoSupport, "not offered yet");

    public ValueTask<ImageRecord> CreateCloudInitSeedAsync(CloudInitSeed seed, CancellationToken cancel) =>
        throw new VirtException(VirtErrorCode.NoSupport, "not offered yet");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
