namespace Virt.Build.Tasks;

/// <summary>Prepares all that tests need and runs the xunit executables, one after the other, then the guards of speed.</summary>
internal static class TestTask
{
    // No colour codes in a log file.
    private static IEnumerable<string> Plain => Console.IsOutputRedirected ? ["-noColor"] : [];

    public static async Task<int> RunAsync(Repository repository, CancellationToken cancel)
    {
        // First of all, so that no result of an earlier run is taken for one of this.
        if (Directory.Exists(repository.Results))
            Directory.Delete(repository.Results, recursive: true);
        await DepsTask.RunAsync(cancel).ConfigureAwait(false);
        await BuildTask.RunAsync(repository, cancel).ConfigureAwait(false);
        await PackageTask.RunAsync(repository, cancel).ConfigureAwait(false);
        await GuestTask.RunAsync(repository, cancel).ConfigureAwait(false);

        bool passed = true;
        foreach (string project in repository.TestProjects)
        {
            string program = Path.Combine(repository.Root, "tests", project, "bin", Repository.Configuration, "net10.0", project + ".dll");
            passed &= await SuiteTask.RunAsync(
                repository, project, "dotnet",
                [program, "-noLogo", .. Plain, "-longRunning", "60", "-xml", SuiteTask.ResultFile(repository, project)], cancel).ConfigureAwait(false);
        }

        passed &= await CodecTask.TestAsync(repository, cancel).ConfigureAwait(false);
        passed &= await BenchTask.TestAsync(repository, cancel).ConfigureAwait(false);
        return passed ? ExitCode.Good : ExitCode.TestsFailed;
    }
}
