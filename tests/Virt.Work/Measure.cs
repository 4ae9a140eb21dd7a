using System.Globalization;

namespace Virt.Work;

/// <summary>What some runs of a workload took.</summary>
/// <param name="Time">Processor time of this process: what others do on the machine hardly counts.</param>
/// <param name="Bytes">Bytes allocated.</param>
internal readonly record struct Measure(TimeSpan Time, long Bytes)
{
    public static Measure Of(IWorkload workload, int runs)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        TimeSpan begin = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < runs; i++)
            workload.Run();
        return new Measure(Environment.CpuUsage.TotalTime - begin, GC.GetAllocatedBytesForCurrentThread() - allocated);
    }

    /// <summary>Nanoseconds and bytes, as a worker answers.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Time.Ticks * TimeSpan.NanosecondsPerTick} {Bytes}");
}
