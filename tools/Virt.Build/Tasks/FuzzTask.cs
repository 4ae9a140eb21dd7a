namespace Virt.Build.Tasks;

/// <summary>The long forms of the fuzzer and of the load run; the short ones are among the tests.</summary>
internal static class FuzzTask
{
    /// <summary>Fuzzes: <c>--target NAME --count N --seconds S --seed K</c>, all targets with 200 000 inputs each when not said.</summary>
    public static Task<int> FuzzAsync(Repository repository, IReadOnlyList<string> arguments, CancellationToken cancel) =>
        RunAsync(repository, "fuzzing", ["run", "--corpus", repository.FuzzCorpus, "--findings", repository.FuzzFindings, .. arguments], cancel);

    /// <summary>Puts a packaged virtd under load: <c>--clients N --busy N --hostile N --seconds S</c>.</summary>
    public static async Task<int> LoadAsync(Repository repository, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        await PackageTask.RunAsync(repository, cancel).ConfigureAwait(false);
        return await RunAsync(repository, "load", ["load", "--daemon", repository.Daemon, .. arguments], cancel).ConfigureAwait(false);
    }

    private static async Task<int> RunAsync(Repository repository, string step, IEnumerable<string> arguments, CancellationToken cancel)
    {
        string project = Path.Combine(repository.Root, "tests", "Virt.Fuzz");
        Log.Step($"building {project}");
        await ChildProcess.RequireAsync("dotnet", ["build", project, "-c", Repository.Configuration, "--nologo", "-v", "quiet"], cancel).ConfigureAwait(false);
        Log.Step(step);
        string program = Path.Combine(project, "bin", Repository.Configuration, "net10.0", "Virt.Fuzz.dll");
        return await ChildProcess.RunAsync("dotnet", [program, .. arguments], cancel).ConfigureAwait(false) ?? ExitCode.StepFailed;
    }
}
