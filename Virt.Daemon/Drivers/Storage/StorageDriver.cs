using Virt.Drivers;
using Virt.Storage;

namespace Virt.Daemon.Drivers.Storage;

/// <summary>The storage driver of one connection.</summary>
/// <param name="images">The images.</param>
/// <param name="pools">The pools.</param>
/// <param name="users">Names the domain that uses an image; null when none does.</param>
internal sealed class StorageDriver(ImageStore images, StoragePools pools, Func<string, string?> users) : IStorageDriver
{
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoragePoolRecord>> ListStoragePoolsAsync(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return ValueTask.FromResult(pools.List());
    }

    /// <inheritdoc/>
    public ValueTask<ImageRecord> GetImageAsync(string path, CancellationToken cancel) =>
        new(ImageInspector.ReadAsync(images.PathOf(path), null, cancel, images.Folders.Allows));

    /// <inheritdoc/>
    public ValueTask<ImageRecord> CreateImageAsync(ImageRequest request, CancellationToken cancel) => images.CreateAsync(request, cancel);

    /// <inheritdoc/>
    public ValueTask DeleteImageAsync(string path, CancellationToken cancel) => new(ImageInspector.RunAsync(path, () => images.Delete(path, users), cancel));

    /// <inheritdoc/>
    public async ValueTask<ImageRecord> CreateCloudInitSeedAsync(CloudInitSeed seed, CancellationToken cancel)
    {
        string path = images.PathOf(seed.Name);
        await ImageInspector.RunAsync(path, () => CloudInitImage.Write(path, seed), cancel).ConfigureAwait(false);
        return await ImageInspector.ReadAsync(path, "raw", cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
