namespace Virt.Build.Tasks;

/// <summary>The speed of codec and dispatch: micro-benchmarks, and the guard that compares the codec with that of the commit before.</summary>
internal static class CodecTask
{
    private const string Suite = "codec-guard";

    /// <summary>Runs the micro-benchmarks; all of them, briefly, when no option says which.</summary>
    public static async Task<int> MicroAsync(Repository repository, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        string program = await BuildAsync(repository, "Virt.MicroBench", cancel).ConfigureAwait(false);
        Log.Step("micro-benchmarks");
        IEnumerable<string> options = arguments.Count > 0 ? arguments : ["--filter", "*", "--job", "short"];
        return await ChildProcess.RunAsync("dotnet", [program, .. options], cancel).ConfigureAwait(false) ?? ExitCode.StepFailed;
    }

    /// <summary>Runs the guard by itself.</summary>
    public static async Task<int> GuardAsync(Repository repository, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        string program = await BuildAsync(repository, "Virt.CodecGuard", cancel).ConfigureAwait(false);
        Log.Step("codec guard");
        return await ChildProcess.RunAsync("dotnet", [program, "--root", repository.Root, .. arguments], cancel).ConfigureAwait(false) ?? ExitCode.StepFailed;
    }

    /// <summary>Runs the guard as a test suite; it is built.</summary>
    /// <returns>Whether nothing has become slower.</returns>
    public static Task<bool> TestAsync(Repository repository, CancellationToken cancel) => SuiteTask.RunAsync(
        repository, Suite, "dotnet",
        [Program(repository, "Virt.CodecGuard"), "--root", repository.Root, "--results", SuiteTask.ResultFile(repository, Suite)], repository.TestEnvironment, cancel);

    private static async Task<string> BuildAsync(Repository repository, string name, CancellationToken cancel)
    {
        string project = Path.Combine(repository.Root, "tests", name);
        Log.Step($"building {project}");
        await ChildProcess.RequireAsync("dotnet", ["build", project, "-c", Repository.Configuration, "--nologo", "-v", "quiet"], cancel).ConfigureAwait(false);
        return Program(repository, name);
    }

    private static string Program(Repository repository, string name) =>
        Path.Combine(repository.Root, "tests", name, "bin", Repository.Configuration, "net10.0", name + ".dll");
}
