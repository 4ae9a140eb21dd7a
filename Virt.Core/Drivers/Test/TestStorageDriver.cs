using Virt.Storage;

namespace Virt.Drivers.Test;

/// <summary>The storage of a test host.</summary>
internal sealed class TestStorageDriver(TestHost host) : IStorageDriver
{
    public ValueTask<IReadOnlyList<StoragePoolRecord>> ListStoragePoolsAsync(CancellationToken cancel) => Do(() => host.Node.Pools, cancel);

    public ValueTask<ImageRecord> GetImageAsync(string path, CancellationToken cancel) => Do(() => host.Images.Get(path), cancel);

    public ValueTask<ImageRecord> CreateImageAsync(ImageRequest request, CancellationToken cancel) =>
        Do(() => host.Images.Create(request, UserOf), cancel);

    public async ValueTask DeleteImageAsync(string path, CancellationToken cancel) => await Do(
        () =>
        {
            host.Images.Delete(path, UserOf);
            return true;
        },
        cancel).ConfigureAwait(false);

    public ValueTask<ImageRecord> CreateCloudInitSeedAsync(CloudInitSeed seed, CancellationToken cancel) =>
        Do(() => host.Images.Create(seed), cancel);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private string? UserOf(string path) => host.Domains.FirstOrDefault(domain => domain.DisksNow().Any(disk => disk.Path == path))?.Name;

    private static ValueTask<T> Do<T>(Func<T> work, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested)
            return ValueTask.FromCanceled<T>(cancel);
        try
        {
            return ValueTask.FromResult(work());
        }
        catch (Errors.VirtException failure)
        {
            return ValueTask.FromException<T>(failure);
        }
    }
}
