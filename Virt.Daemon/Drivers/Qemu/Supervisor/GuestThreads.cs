using System.Globalization;
using System.Text.Json;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>QEMU's threads by what they do; their numbers are the kernel's.</summary>
/// <param name="VCpus">By number of virtual CPU.</param>
/// <param name="IOThreads">By number of iothread.</param>
/// <param name="Others">The rest.</param>
internal sealed record GuestThreads(IReadOnlyDictionary<int, int> VCpus, IReadOnlyDictionary<int, int> IOThreads, IReadOnlyList<int> Others)
{
    private const string CpuQuery = "query-cpus-fast";
    private const string ThreadQuery = "query-iothreads";
    private const string IOThreadPrefix = "iothread";

    /// <summary>Asks the monitor and the kernel.</summary>
    public static async Task<GuestThreads> QueryAsync(DomainSupervisor domain, GuestRun run)
    {
        JsonElement cpus = await domain.ExecuteAsync(run, CpuQuery).ConfigureAwait(false);
        JsonElement threads = await domain.ExecuteAsync(run, ThreadQuery).ConfigureAwait(false);
        HashSet<int> own = [.. All(run.Process!.Pid)];
        var vcpus = new Dictionary<int, int>();
        foreach (JsonElement cpu in cpus.Items(CpuQuery))
            vcpus[cpu.Count("cpu-index", CpuQuery)] = Own(cpu, CpuQuery);
        var workers = new Dictionary<int, int>();
        foreach (JsonElement thread in threads.Items(ThreadQuery))
        {
            if (thread.FindText("id") is { } id && id.StartsWith(IOThreadPrefix, StringComparison.Ordinal)
                && int.TryParse(id.AsSpan(IOThreadPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                workers[number] = Own(thread, ThreadQuery);
        }

        int[] known = [.. vcpus.Values, .. workers.Values];
        return new GuestThreads(vcpus, workers, [.. own.Except(known)]);

        // What is done to a thread must not be done to one of another process.
        int Own(JsonElement answer, string command) => answer.Count("thread-id", command) is var thread && own.Contains(thread)
            ? thread
            : throw new VirtException(
                VirtErrorCode.OperationFailed, $"QEMU answered '{command}' with the thread {thread}, which is none of domain '{domain.Name}'", domain.Name);
    }

    private static IEnumerable<int> All(int process) =>
        Directory.EnumerateDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/task"))
            .Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture));
}
