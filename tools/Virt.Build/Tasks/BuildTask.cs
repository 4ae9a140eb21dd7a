namespace Virt.Build.Tasks;

/// <summary>Builds the solution; warnings are errors.</summary>
internal static class BuildTask
{
    public static async Task<int> RunAsync(Repository repository, CancellationToken cancel)
    {
        Log.Step("building");
        await ChildProcess.RequireAsync(
            "dotnet",
            ["build", repository.Solution, "-c", Repository.Configuration, "-warnaserror", "--nologo", "-v", "quiet"],
            cancel).ConfigureAwait(false);
        return ExitCode.Good;
    }
}
