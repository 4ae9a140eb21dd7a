using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Virt.MicroBench;

/// <summary>BenchmarkDotNet's own command line: <c>--filter '*Codec*'</c>, <c>--anyCategories dispatch</c>, <c>--job dry</c>, <c>--list flat</c>.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        IConfig config = ManualConfig.CreateEmpty()
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddColumn(new PerOperationColumn())
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddLogger(ConsoleLogger.Default)
            .AddExporter(MarkdownExporter.GitHub)
            .WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(40))
            .WithArtifactsPath(Path.Combine(Root(), "out", "benchmarks"));
        // In this process: a project made by the way would be built by the rules of this repository, and is not made for them.
        return BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run([.. args, "--inProcess"], config).Any() ? 0 : 1;
    }

    private static string Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Virt.sln")))
                return folder.FullName;
        }

        return Environment.CurrentDirectory;
    }
}
