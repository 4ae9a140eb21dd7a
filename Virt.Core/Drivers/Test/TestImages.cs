using System.Collections.Concurrent;
using Virt.Storage;

namespace Virt.Drivers.Test;

/// <summary>The sizes of the images that a test host's disks have: each is there, with the same size until it is grown.</summary>
internal sealed class TestImages
{
    public const long DefaultCapacity = 10L << 30;

    private readonly ConcurrentDictionary<string, long> _capacities = new(StringComparer.Ordinal);

    public long Capacity(string path) => _capacities.GetValueOrDefault(path, DefaultCapacity);

    public void Resize(string path, long capacity) => _capacities[path] = capacity;

    public ImageRecord Describe(string path, string format) => new(path, format, Capacity(path), 1L << 30, Encrypted: false, []);
}
