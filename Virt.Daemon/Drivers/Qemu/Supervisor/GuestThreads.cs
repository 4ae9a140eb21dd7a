using System.Globalization;
using System.Text.Json;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>QEMU's threads by what they do; their numbers are the kernel's.</summary>
/// <param name="VCpus">By number of virtual CPU.</param>
/// <param name="IOThreads">By number of iothread.</param>
/// <param name="Others">The rest.</param>
internal sealed record GuestThreads(IReadOnlyDictionary<int, int> VCpus, IReadOnlyDictionary<int, int> IOThreads, IReadOnlyList<int> Others)
{
    private const string IOThreadPrefix = "iothread";

    /// <summary>Asks the monitor and the kernel.</summary>
    public static async Task<GuestThreads> QueryAsync(DomainSupervisor domain, GuestRun run)
    {
        JsonElement cpus = await domain.ExecuteAsync(run, "query-cpus-fast").ConfigureAwait(false);
        JsonElement threads = await domain.ExecuteAsync(run, "query-iothreads").ConfigureAwait(false);
        Dictionary<int, int> vcpus = cpus.EnumerateArray().ToDictionary(
            cpu => cpu.GetProperty("cpu-index").GetInt32(), cpu => cpu.GetProperty("thread-id").GetInt32());
        var workers = new Dictionary<int, int>();
        foreach (JsonElement thread in threads.EnumerateArray())
        {
            if (thread.GetProperty("id").GetString() is { } id && id.StartsWith(IOThreadPrefix, StringComparison.Ordinal)
                && int.TryParse(id.AsSpan(IOThreadPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                workers[number] = thread.GetProperty("thread-id").GetInt32();
        }

        int[] known = [.. vcpus.Values, .. workers.Values];
        return new GuestThreads(vcpus, workers, [.. All(run.Process!.Pid).Except(known)]);
    }

    private static IEnumerable<int> All(int process) =>
        Directory.EnumerateDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/task"))
            .Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture));
}
