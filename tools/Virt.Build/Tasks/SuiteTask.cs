using System.Xml.Linq;
using Virt.Build.Results;

namespace Virt.Build.Tasks;

/// <summary>
/// Runs a program as a test suite. It leaves its results as XML in <see cref="ResultFile"/>; where they do not tell of its
/// failure (it crashed, or hung until its time was up), a file beside them does.
/// </summary>
internal static class SuiteTask
{
    private static readonly Lock Gate = new();
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    public static string ResultFile(Repository repository, string suite) => Path.Combine(repository.Results, suite + ".xml");

    public static string FailureFile(Repository repository, string suite) => Path.Combine(repository.Results, suite + ".failed");

    /// <summary>Removes all results.</summary>
    public static void ForgetResults(Repository repository)
    {
        if (Directory.Exists(repository.Results))
            Directory.Delete(repository.Results, recursive: true);
    }

    /// <summary>Runs one suite. Several may run side by side: its output is kept, and told when it has ended.</summary>
    /// <returns>Whether all of it passed.</returns>
    public static async Task<bool> RunAsync(
        Repository repository, string suite, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment,
        CancellationToken cancel)
    {
        Log.Step($"tests: {suite}");
        Directory.CreateDirectory(repository.Results);
        Directory.CreateDirectory(repository.TestLogs);
        string log = Path.Combine(repository.TestLogs, suite + ".log");
        string result = ResultFile(repository, suite);
        string failure = FailureFile(repository, suite);
        File.Delete(result);
        File.Delete(failure);
        int? exit;
        try
        {
            exit = await ChildProcess.RunAsync(
                "/bin/sh", ["-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1", "sh", log, program, .. arguments], cancel, environment, repository.Root, Limit)
                .ConfigureAwait(false);
        }
        finally
        {
            Tell(suite, log);
        }

        string? trouble = exit switch
        {
            null => $"it was still running after {Limit.TotalMinutes} minutes",
            _ when !File.Exists(result) => $"it left no results and ended with exit code {exit}",
            0 => null,
            _ when SuiteResult.Read(suite, result).Failed > 0 => null,
            _ => $"it ended with exit code {exit}, though none of its tests failed",
        };
        if (trouble is not null)
        {
            Log.Error($"{suite}: {trouble}");
            await File.WriteAllTextAsync(failure, trouble, cancel).ConfigureAwait(false);
        }

        return exit == 0 && trouble is null;
    }

    private static void Tell(string suite, string log)
    {
        lock (Gate)
        {
            Log.Step($"output of {suite}");
            if (File.Exists(log))
                Console.Out.Write(File.ReadAllText(log));
        }
    }

    /// <summary>Records the tests of a suite that does not run as skipped.</summary>
    public static async Task SkipAsync(Repository repository, string suite, int count, CancellationToken cancel)
    {
        Directory.CreateDirectory(repository.Results);
        var skipped = new XElement(
            "testsuite", new XAttribute("name", suite), new XAttribute("tests", count), new XAttribute("failures", 0),
            new XAttribute("errors", 0), new XAttribute("skipped", count), new XAttribute("time", 0));
        await File.WriteAllTextAsync(ResultFile(repository, suite), new XElement("testsuites", skipped).ToString(), cancel).ConfigureAwait(false);
    }
}
