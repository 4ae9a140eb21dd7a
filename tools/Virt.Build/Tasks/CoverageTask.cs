using Virt.Build.Results;

namespace Virt.Build.Tasks;

/// <summary>Which lines and branches of Virt the fast ring reaches. It is told, and decides nothing.</summary>
internal static class CoverageTask
{
    // What counts lines between a call of libc and the reading of its errno loses the errno.
    private const string NativeCalls = "**/LibraryImports.g.cs";

    public static async Task<int> RunAsync(Repository repository, CancellationToken cancel)
    {
        string folder = Path.Combine(repository.Out, "coverage");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Log.Step("building with coverage");
        foreach (string project in repository.FastTestProjects)
        {
            string built = Path.Combine(folder, "bin", project);
            await ChildProcess.RequireAsync(
                "dotnet",
                [
                    "build", repository.TestProject(project), "-c", Repository.Configuration, "--nologo", "-v", "quiet", "-p:RunAnalyzers=false",
                    "-p:Coverage=true", "-o", built,
                ],
                cancel).ConfigureAwait(false);
            Log.Step($"coverage: {project}");
            int? exit = await ChildProcess.RunAsync(
                "dotnet",
                [
                    Path.Combine(built, project + ".dll"), "--coverlet", "--coverlet-include", "[Virt.*]*", "--coverlet-include", "[virtd]*",
                    "--coverlet-exclude", "[*.Tests]*", "--coverlet-exclude-by-file", NativeCalls, "--coverlet-output-format", "cobertura", "--results-directory", Path.Combine(folder, project),
                ],
                cancel, repository.QuickTestEnvironment).ConfigureAwait(false);
            if (exit != 0)
                throw new BuildException($"{project} ended with exit code {exit}; its output above says why.", ExitCode.TestsFailed);
        }

        Directory.Delete(Path.Combine(folder, "bin"), recursive: true);
        foreach (CoverageReport report in CoverageReport.ReadAll(folder))
            Console.Out.WriteLine(report);
        Console.Out.WriteLine($"{folder} has the reports, in Cobertura's format.");
        return ExitCode.Good;
    }
}
