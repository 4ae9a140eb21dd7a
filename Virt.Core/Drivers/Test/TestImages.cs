using System.Collections.Concurrent;
using Virt.Domains.Definition;
using Virt.Errors;
using Virt.Storage;

namespace Virt.Drivers.Test;

/// <summary>
/// The images of a test host: each that a disk could name is there, with the same size until it is grown; those that were made are
/// remembered, and only they can be deleted.
/// </summary>
internal sealed class TestImages
{
    /// <summary>The images folder.</summary>
    public const string Folder = "/guest";

    /// <summary>The size of an image that nobody made.</summary>
    public const long DefaultCapacity = 10L << 30;

    private readonly ConcurrentDictionary<string, long> _capacities = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ImageRecord> _made = new(StringComparer.Ordinal);

    /// <summary>The size that a guest sees.</summary>
    public long Capacity(string path) => _capacities.TryGetValue(path, out long grown) ? grown
        : _made.TryGetValue(path, out ImageRecord? made) ? made.Capacity : DefaultCapacity;

    /// <summary>Grows an image.</summary>
    public void Resize(string path, long capacity) => _capacities[path] = capacity;

    /// <summary>What an image is.</summary>
    public ImageRecord Describe(string path, string format) => _made.TryGetValue(path, out ImageRecord? made)
        ? made with { Capacity = Capacity(path) }
        : new ImageRecord(path, format, Capacity(path), 1L << 30, Encrypted: false, []);

    /// <summary>What an image is, by its name or path.</summary>
    public ImageRecord Get(string name) => Describe(PathOf(name), ImageFormat.OfName(name) ?? "raw");

    /// <summary>Makes an image.</summary>
    /// <param name="request">Which.</param>
    /// <param name="used">Whether a disk names a path.</param>
    public ImageRecord Create(ImageRequest request, Func<string, string?> used)
    {
        string path = PathOf(request.Name);
        if (request.Format is not ("raw" or "qcow2"))
        {
            throw new VirtException(
                VirtErrorCode.ConfigurationUnsupported, $"an image of format '{request.Format}' cannot be made", request.Format, "Use raw or qcow2.");
        }

        if (request.Capacity < 0 || (request.Capacity == 0 && request.Backing is null))
            throw new VirtException(VirtErrorCode.InvalidArgument, $"{request.Capacity} is not the size of an image", path, "Give a size in bytes.");
        ImageLayer[] backing = request.Backing is null
            ? [] : [new ImageLayer(request.Backing, request.BackingFormat ?? ImageFormat.OfName(request.Backing) ?? "raw")];
        long capacity = request.Capacity > 0 ? request.Capacity : Capacity(request.Backing!);
        var record = new ImageRecord(path, request.Format, capacity, 200 * 1024, Encrypted: false, backing);
        return used(path) is null && _made.TryAdd(path, record) ? record : throw Exists(path);
    }

    /// <summary>Makes the seed of cloud-init.</summary>
    public ImageRecord Create(CloudInitSeed seed)
    {
        string path = PathOf(seed.Name);
        return _made[path] = new ImageRecord(path, "raw", 376 * 1024, 376 * 1024, Encrypted: false, []);
    }

    /// <summary>Deletes an image that was made.</summary>
    /// <param name="name">Its name or path.</param>
    /// <param name="used">The domain that uses a path; null when none does.</param>
    public void Delete(string name, Func<string, string?> used)
    {
        string path = PathOf(name);
        if (used(path) is { } domain)
        {
            throw VirtException.Create(
                VirtErrorCode.OperationInvalid, $"the image '{path}' is used by the domain '{domain}'", path, "Remove the disk from the domain first.");
        }

        if (!_made.TryRemove(path, out _))
            throw VirtException.Create(VirtErrorCode.NoStorageVolume, $"there is no image '{path}'", path, "Name one that was made.");
        _capacities.TryRemove(path, out _);
    }

    private static string PathOf(string name) => name switch
    {
        _ when name.StartsWith('/') => name,
        _ when name.Length > 0 && name[0] is not ('.' or '-') && !name.Contains('/', StringComparison.Ordinal) => $"{Folder}/{name}",
        _ => throw new VirtException(
            VirtErrorCode.InvalidArgument, $"'{name}' is not the name of an image", name,
            "Give a file name that does not begin with '.' or '-', or an absolute path."),
    };

    private static VirtException Exists(string path) =>
        new(VirtErrorCode.StorageVolumeExists, $"'{path}' is there already", path, "Take another name, or delete the image first.");
}
