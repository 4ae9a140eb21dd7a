namespace Virt.Build.Tasks;

/// <summary>The demo without pwsh: virtd's own check boots real guests through the same connection and remote driver.</summary>
internal static class DemoTask
{
    public static async Task<int> RunAsync(Repository repository, CancellationToken cancel)
    {
        await DepsTask.RunAsync(cancel).ConfigureAwait(false);
        await PackageTask.RunAsync(repository, cancel).ConfigureAwait(false);
        await GuestTask.RunAsync(repository, cancel).ConfigureAwait(false);
        Log.Step("virtd check --boot");
        return await ChildProcess.RunAsync(repository.Daemon, ["check", "--boot", "--guest", repository.Guest], cancel).ConfigureAwait(false)
            ?? ExitCode.StepFailed;
    }
}
