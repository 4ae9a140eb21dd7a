using System.Globalization;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Resources;

/// <summary>Looks before a start whether the host has the NUMA nodes and huge pages that a guest's memory is to lie in; QEMU
/// would say only that it cannot allocate.</summary>
internal sealed class HostMemoryCheck(IReadOnlyCollection<int> nodes, IReadOnlyCollection<long> pageSizes) : IHostResource
{
    private const string Nodes = "/sys/devices/system/node";
    private const string Pages = "/sys/kernel/mm/hugepages";

    /// <inheritdoc/>
    public ValueTask AcquireAsync(HostServices host, CancellationToken cancel)
    {
        foreach (int node in nodes)
        {
            if (!Directory.Exists(Path.Combine(Nodes, string.Create(CultureInfo.InvariantCulture, $"node{node}"))))
                throw Lacks(host, $"this host has no NUMA node {node}, on which memory of domain '{host.Name}' is to lie", "Change numatune.");
        }

        foreach (long size in pageSizes)
        {
            string? folder = size > 0
                ? Path.Combine(Pages, string.Create(CultureInfo.InvariantCulture, $"hugepages-{size >> 10}kB"))
                : Directory.Exists(Pages) ? Directory.EnumerateDirectories(Pages).FirstOrDefault() : null;
            if (folder is null || !Directory.Exists(folder))
            {
                throw Lacks(
                    host, size > 0 ? $"this host has no huge pages of {size >> 10} KiB" : "this host has no huge pages",
                    "Use a size that is listed in /sys/kernel/mm/hugepages, or remove hugepages.");
            }
        }

        return default;
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(HostServices host) => default;

    private static VirtException Lacks(HostServices host, string message, string action) =>
        VirtException.Create(VirtErrorCode.ConfigurationUnsupported, message, host.Name, action);
}
