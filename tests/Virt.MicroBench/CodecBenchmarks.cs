using BenchmarkDotNet.Attributes;
using Virt.Work;

namespace Virt.MicroBench;

/// <summary>The workloads that the guard compares: values, records, frames, and a call without transport.</summary>
[BenchmarkCategory("codec")]
public class CodecBenchmarks
{
    /// <summary>The workloads.</summary>
    public static IEnumerable<CodecCase> Cases => Workloads.Create().Select(workload => new CodecCase(workload));

    /// <summary>Which one.</summary>
    [ParamsSource(nameof(Cases))]
    public CodecCase Case { get; set; } = null!;

    /// <summary>Once.</summary>
    [Benchmark]
    public void Run() => Case.Workload.Run();
}
