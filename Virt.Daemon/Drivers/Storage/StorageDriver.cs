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
        ImageInspector.ReadAsync(images.PathOf(path), null, cancel);

    /// <inheritdoc/>
    public ValueTask<ImageRecord> CreateImageAsync(ImageRequest request, CancellationToken cancel) => images.CreateAsync(request, cancel);

    /// <inheritdoc/>
    public ValueTask DeleteImageAsync(string path, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        images.Delete(path, users);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<ImageRecord> CreateCloudInitSeedAsync(CloudInitSeed seed, CancellationToken cancel)
    {
        string path = images.PathOf(seed.Name);
        CloudInitImage.Write(path, seed);
        return ImageInspector.ReadAsync(path, "raw", cancel);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
