using System.Text.Json;
using Virt.Daemon.Drivers.Qemu.Process;
using Virt.Daemon.Drivers.Qemu.Qmp;
using Virt.Domains;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu.Supervisor;

/// <summary>Reads the counters of a domain: from /proc, and from QEMU as far as it answers in time.</summary>
internal static class GuestStatisticsReader
{
    private static readonly TimeSpan MonitorLimit = TimeSpan.FromSeconds(1);

    /// <summary>Reads the groups that are asked for.</summary>
    public static async Task<DomainStatistics> ReadAsync(DomainSupervisor domain, StatisticsGroups groups, CancellationToken cancel)
    {
        DomainRecord record = domain.Record;
        if (domain.Run is not { Process: { } process } run || process.ReadTimes() is not { } times)
            return new DomainStatistics(record, DateTimeOffset.UtcNow, null, null, null, null, null);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        // One guest that does not answer must not delay what is known of all others.
        if (times.IsStopped || run.Monitor is { IsSilent: true })
            await limit.CancelAsync().ConfigureAwait(false);
        else
            limit.CancelAfter(MonitorLimit);
        var balloon = ReadIfAsync(groups, StatisticsGroups.Balloon, () => BalloonAsync(domain, run, record, times, limit.Token));
        var vcpus = ReadIfAsync(groups, StatisticsGroups.VCpu, () => VCpusAsync(domain, run, process, limit.Token));
        var disks = ReadIfAsync(groups, StatisticsGroups.Block, () => GuestDiskStatistics.ReadAsync(domain, run, limit.Token));
        return new DomainStatistics(
            record with { CpuTime = times.Total }, DateTimeOffset.UtcNow,
            Wants(groups, StatisticsGroups.Cpu) ? new CpuStatistics(times.Total, times.User, times.System) : null,
            await balloon.ConfigureAwait(false), await vcpus.ConfigureAwait(false),
            Wants(groups, StatisticsGroups.Interface) ? [.. run.Devices.HostInterfaces.Select(HostInterfaceCounters.TryRead).OfType<InterfaceStatistics>()] : null,
            await disks.ConfigureAwait(false));
    }

    /// <summary>Asks the monitor; null when it does not answer in time, is lost or does not know.</summary>
    public static async Task<JsonElement?> AskAsync(DomainSupervisor domain, GuestRun run, QmpCommand command, CancellationToken limit)
    {
        if (limit.IsCancellationRequested)
            return null;
        try
        {
            QmpClient monitor = await domain.GetMonitorAsync(run, limit).ConfigureAwait(false);
            return await monitor.ExecuteAsync(command, limit).ConfigureAwait(false);
        }
        catch (Exception silent) when (silent is VirtException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>A number in an object; null when it is not there.</summary>
    public static long? Number(JsonElement? from, string member) =>
        from is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(member, out JsonElement value)
            && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= 0
            ? number
            : null;

    private static bool Wants(StatisticsGroups groups, StatisticsGroups group) => groups == StatisticsGroups.All || (groups & group) != 0;

    private static Task<T?> ReadIfAsync<T>(StatisticsGroups groups, StatisticsGroups group, Func<Task<T?>> read)
        where T : class => Wants(groups, group) ? read() : Task.FromResult<T?>(null);

    private static async Task<BalloonStatistics?> BalloonAsync(
        DomainSupervisor domain, GuestRun run, DomainRecord record, ProcessTimes times, CancellationToken limit)
    {
        string? device = run.Devices.Balloon;
        if (device is null)
            return new BalloonStatistics(record.Memory, record.MaximumMemory, times.ResidentBytes, null, null, null, null, null, null);
        Task<JsonElement?> actual = AskAsync(domain, run, "query-balloon", limit);
        JsonElement? guest = await AskAsync(domain, run, GuestStats(device), limit).ConfigureAwait(false);
        JsonElement? stats = Number(guest, "last-update") > 0 ? guest!.Value.Find("stats") : null;
        return new BalloonStatistics(
            Number(await actual.ConfigureAwait(false), "actual") ?? record.Memory, record.MaximumMemory, times.ResidentBytes,
            Number(stats, "stat-total-memory"), Number(stats, "stat-free-memory"), Number(stats, "stat-swap-in"),
            Number(stats, "stat-swap-out"), Number(stats, "stat-major-faults"), Number(stats, "stat-minor-faults"));
    }

    private static QmpCommand GuestStats(string device) => new("qom-get", arguments =>
    {
        arguments.WriteString("path", "/machine/peripheral/" + device);
        arguments.WriteString("property", "guest-stats");
    });

    private static async Task<IReadOnlyList<VCpuStatistics>?> VCpusAsync(
        DomainSupervisor domain, GuestRun run, QemuProcess process, CancellationToken limit)
    {
        const int Running = 1;
        if (await AskAsync(domain, run, "query-cpus-fast", limit).ConfigureAwait(false) is not { ValueKind: JsonValueKind.Array } cpus)
            return null;
        return
        [
            .. cpus.EnumerateArray()
                .Select(cpu => (Index: Number(cpu, "cpu-index"), Thread: Number(cpu, "thread-id")))
                .Where(cpu => cpu is { Index: <= int.MaxValue, Thread: <= int.MaxValue })
                .Select(cpu => new VCpuStatistics(
                    (int)cpu.Index!.Value, Running, process.ReadThreadTimes((int)cpu.Thread!.Value)?.Total ?? TimeSpan.Zero)),
        ];
    }
}
