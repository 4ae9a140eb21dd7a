using System.Globalization;
using Virt.Build.Results;

namespace Virt.Build.Tasks;

/// <summary>Sums up the results of all suites. Its last line is the total.</summary>
internal static class TotalTask
{
    /// <summary>Sums up.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="expected">The suites that must have left results.</param>
    public static int Run(Repository repository, IReadOnlyList<string> expected)
    {
        IReadOnlyList<SuiteResult> suites = [.. Suites(repository, expected).Select(suite => Read(repository, suite))];
        foreach (SuiteResult suite in suites)
        {
            foreach (string failure in suite.Failures)
                Console.Out.WriteLine($"FAILED {suite.Name}: {failure}");
            foreach (string skip in suite.Skips)
                Console.Out.WriteLine($"SKIPPED {suite.Name}: {skip}");
        }

        int width = suites.Max(suite => suite.Name.Length);
        Console.Out.WriteLine();
        Console.Out.WriteLine($"{"suite".PadRight(width)}   passed   failed  skipped      time");
        foreach (SuiteResult suite in suites)
        {
            string time = suite.Time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";
            Console.Out.WriteLine($"{suite.Name.PadRight(width)} {suite.Passed,8} {suite.Failed,8} {suite.Skipped,8} {time,9}");
        }

        int failed = suites.Sum(suite => suite.Failed);
        int skipped = suites.Sum(suite => suite.Skipped);
        Console.Out.WriteLine();
        Console.Out.WriteLine(
            $"{suites.Sum(suite => suite.Passed)} passed, {failed} failed" + (skipped > 0 ? $", {skipped} skipped" : string.Empty));
        return failed == 0 ? ExitCode.Good : ExitCode.TestsFailed;
    }

    // Those that must be there, and what else left results.
    private static IEnumerable<string> Suites(Repository repository, IReadOnlyList<string> expected) =>
        expected.Concat(!Directory.Exists(repository.Results)
            ? []
            : Directory.EnumerateFiles(repository.Results).Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)).Distinct(StringComparer.Ordinal);

    private static SuiteResult Read(Repository repository, string suite)
    {
        string file = SuiteTask.ResultFile(repository, suite);
        string failure = SuiteTask.FailureFile(repository, suite);
        SuiteResult result = File.Exists(file) ? SuiteResult.Read(suite, file) : SuiteResult.Empty(suite);
        if (File.Exists(failure))
            return result.WithFailure(File.ReadAllText(failure));
        return File.Exists(file) ? result : result.WithFailure("it left no results");
    }
}
