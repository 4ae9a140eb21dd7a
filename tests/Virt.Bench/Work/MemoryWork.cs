using Virt.Bench.Lab;
using Virt.Bench.Report;

namespace Virt.Bench.Work;

/// <summary>What the daemons keep in memory.</summary>
internal static class MemoryWork
{
    /// <summary>Both at the same moment.</summary>
    public static async Task<Row> ResidentAsync(Bench bench, string moment, CancellationToken cancel)
    {
        double? theirs = bench.Libvirt is { } libvirt ? (await libvirt.DoAsync("memory", cancel).ConfigureAwait(false))[0] / 1024 : null;
        return new Row(
            $"resident memory, {Table.Count(bench.Options.Domains)} defined, {moment}", "MiB", ResidentMemory.OfProcess(bench.Virtd.Pid) / 1024.0, theirs, null,
            Goal.Libvirt(1.0));
    }
}
