namespace Virt.Build.Tasks;

/// <summary>Builds.</summary>
internal static class BuildTask
{
    /// <summary>The solution, with every analyzer; warnings are errors.</summary>
    public static async Task<int> RunAsync(Repository repository, CancellationToken cancel)
    {
        Log.Step("building");
        await ChildProcess.RequireAsync(
            "dotnet",
            ["build", repository.Solution, "-c", Repository.Configuration, "-warnaserror", "--nologo", "-v", "quiet"],
            cancel).ConfigureAwait(false);
        return ExitCode.Good;
    }

    /// <summary>A project, or the projects of a solution filter, without analyzers: what one does after each change.</summary>
    public static Task QuickAsync(string project, CancellationToken cancel)
    {
        Log.Step($"building {Path.GetFileNameWithoutExtension(project)}");
        return ChildProcess.RequireAsync(
            "dotnet",
            ["build", project, "-c", Repository.Configuration, "--nologo", "-v", "quiet", "-p:RunAnalyzers=false"],
            cancel);
    }
}
