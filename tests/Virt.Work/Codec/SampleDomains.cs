using System.Globalization;
using Virt.Domains;

namespace Virt.Work.Codec;

/// <summary>Domains as a host of usual guests has them: every second one runs, every fourth has a title.</summary>
internal static class SampleDomains
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static IReadOnlyList<DomainRecord> Records(int count) => [.. Enumerable.Range(1, count).Select(Record)];

    public static IReadOnlyList<DomainStatistics> Statistics(int count) => [.. Enumerable.Range(1, count).Select(Counters)];

    public static DomainRecord Record(int number)
    {
        bool runs = number % 2 == 0;
        long memory = (1L + (number % 8)) << 30;
        return new DomainRecord(
            string.Create(CultureInfo.InvariantCulture, $"web-{number:0000}"), new Guid(number, 0x1234, 0x4abc, 0x81, 2, 3, 4, 5, 6, 7, 8), runs ? number : null,
            runs ? DomainState.Running : DomainState.Shutoff, DomainStateReason.Unknown, memory, 2 * memory, 2, 4,
            Persistent: true, Autostart: number % 3 == 0, HasSavedState: false, HasSnapshot: false,
            Title: number % 4 == 0 ? "Web server" : null, Description: null, StartedAt: runs ? Start.AddTicks(number * 12_345_678L) : null,
            CpuTime: runs ? TimeSpan.FromMilliseconds(number * 1234.5) : TimeSpan.Zero, "kvm", "x86_64", "pc-q35-7.2");
    }

    private static DomainStatistics Counters(int number)
    {
        long count = number * 1_234_567L;
        TimeSpan time = TimeSpan.FromMicroseconds(count);
        return new DomainStatistics(
            Record(number), Start.AddTicks(count), new CpuStatistics(time, time / 3, time / 2),
            new BalloonStatistics(1 << 30, 2L << 30, 900 << 20, 1 << 30, 600 << 20, 0, 0, 12, 34_567),
            [.. Enumerable.Range(0, 2).Select(index => new VCpuStatistics(index, 1, time / (index + 1)))],
            [new InterfaceStatistics("net0", count, number * 100, 0, 0, count / 2, number * 50, 0, 0)],
            [new DiskStatistics("vda", "/var/lib/virt/images/disk.qcow2", number, count, time, number, count, time, 7, time, 20L << 30, 3L << 30, 3L << 30)]);
    }
}
