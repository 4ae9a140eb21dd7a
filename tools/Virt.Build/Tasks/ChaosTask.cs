namespace Virt.Build.Tasks;

/// <summary>The long form of the chaos test: the packaged virtd is killed at random moments, and what follows is checked.</summary>
internal static class ChaosTask
{
    public static async Task<int> RunAsync(Repository repository, IReadOnlyList<string> options, CancellationToken cancel)
    {
        await DepsTask.RunAsync(cancel).ConfigureAwait(false);
        await PackageTask.RunAsync(repository, cancel).ConfigureAwait(false);
        Log.Step("chaos");
        string project = Path.Combine(repository.Root, "tests", "Virt.Chaos");
        return await ChildProcess.RunAsync(
            "dotnet", ["run", "--project", project, "-c", Repository.Configuration, "--", "--daemon", repository.Daemon, .. options], cancel).ConfigureAwait(false)
            ?? ExitCode.StepFailed;
    }
}
