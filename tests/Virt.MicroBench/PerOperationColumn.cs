using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Virt.MicroBench;

/// <summary>The mean time of one of the things that a run handles, in nanoseconds.</summary>
internal sealed class PerOperationColumn : IColumn
{
    public string Id => nameof(PerOperationColumn);

    public string ColumnName => "ns/op";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Statistics;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => "mean of one operation (record, value, frame or call), in nanoseconds";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        double operations = benchmarkCase.Parameters.Items.Select(item => item.Value).OfType<CodecCase>().FirstOrDefault()?.Workload.Operations ?? 1;
        return summary[benchmarkCase]?.ResultStatistics is { } statistics
            ? (statistics.Mean / operations).ToString("0.0", CultureInfo.InvariantCulture)
            : "-";
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public bool IsAvailable(Summary summary) => true;
}
