using Virt.Domains;

namespace Virt.Drivers.Test;

/// <summary>Counters that move as a lightly loaded guest's do: each is a rate times the time the virtual CPUs ran.</summary>
internal static class TestStatistics
{
    private const double BusyShare = 0.05;
    private const double UserShare = 0.8;
    private const int BytesPerPacket = 512;
    private const int BytesPerRequest = 4096;

    public static TimeSpan CpuTime(TestRun run, DateTimeOffset now) => run.Ran(now) * BusyShare * run.Definition.VCpu;

    public static DomainStatistics Read(DomainRecord record, TestRun? run, StatisticsGroups groups, TestImages images, DateTimeOffset now)
    {
        if (run is null)
            return new DomainStatistics(record, now, null, null, null, null, null);
        TimeSpan ran = run.Ran(now);
        return new DomainStatistics(
            record,
            now,
            Wants(groups, StatisticsGroups.Cpu) ? Cpu(CpuTime(run, now)) : null,
            Wants(groups, StatisticsGroups.Balloon) ? Balloon(run.Definition, ran) : null,
            Wants(groups, StatisticsGroups.VCpu) ? VCpus(record, ran) : null,
            Wants(groups, StatisticsGroups.Interface) ? [.. run.Definition.Interfaces.Select((nic, i) => Interface(nic, i, ran))] : null,
            Wants(groups, StatisticsGroups.Block) ? [.. run.Definition.Disks.Select((disk, i) => Disk(disk, i, images, ran))] : null);
    }

    private static bool Wants(StatisticsGroups groups, StatisticsGroups one) => groups == StatisticsGroups.All || (groups & one) != 0;

    private static CpuStatistics Cpu(TimeSpan time) => new(time, time * UserShare, time - (time * UserShare));

    private static BalloonStatistics Balloon(TestDefinition definition, TimeSpan ran) => new(
        definition.Memory, definition.MaximumMemory, Rss: definition.Memory / 2, Available: definition.Memory / 100 * 97,
        Unused: definition.Memory / 2, SwapIn: 0, SwapOut: 0, MajorFaults: Count(ran, 0.1), MinorFaults: Count(ran, 200));

    private static VCpuStatistics[] VCpus(DomainRecord record, TimeSpan ran) =>
    [
        .. Enumerable.Range(0, record.VCpu)
            .Select(number => new VCpuStatistics(number, record.State == DomainState.Running ? 1 : 2, ran * BusyShare)),
    ];

    private static InterfaceStatistics Interface(TestInterface nic, int index, TimeSpan ran)
    {
        long received = Count(ran, 20.0 / (index + 1));
        long sent = Count(ran, 15.0 / (index + 1));
        return new InterfaceStatistics(nic.Name, received * BytesPerPacket, received, 0, 0, sent * BytesPerPacket, sent, 0, 0);
    }

    private static DiskStatistics Disk(TestDisk disk, int index, TestImages images, TimeSpan ran)
    {
        if (disk.Path is null)
            return new DiskStatistics(disk.Target, null, 0, 0, TimeSpan.Zero, 0, 0, TimeSpan.Zero, 0, TimeSpan.Zero, null, null, null);
        long reads = Count(ran, 8.0 / (index + 1));
        long writes = Count(ran, 5.0 / (index + 1));
        long flushes = writes / 10;
        long capacity = images.Capacity(disk.Path);
        long allocation = Math.Min(capacity, (1L << 30) + (writes * BytesPerRequest));
        return new DiskStatistics(
            disk.Target, disk.Path, reads, reads * BytesPerRequest, TimeSpan.FromMicroseconds(reads * 120), writes, writes * BytesPerRequest,
            TimeSpan.FromMicroseconds(writes * 300), flushes, TimeSpan.FromMicroseconds(flushes * 900), capacity, allocation, allocation);
    }

    private static long Count(TimeSpan ran, double perSecond) => (long)(ran.TotalSeconds * perSecond);
}
