namespace Virt.Build.Tasks;

/// <summary>Runs the executable of an xunit project as a test suite; it is built.</summary>
internal static class XunitTask
{
    /// <summary>Runs it.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="project">The project's name, which is that of its suite.</param>
    /// <param name="environment">What the tests find in their environment.</param>
    /// <param name="filters">Options of xunit's runner that choose tests (https://xunit.net/docs/getting-started/v3/cmdline).</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Whether all passed.</returns>
    public static Task<bool> RunAsync(
        Repository repository, string project, IReadOnlyDictionary<string, string> environment, IEnumerable<string> filters, CancellationToken cancel) =>
        SuiteTask.RunAsync(
            repository, project, "dotnet",
            [repository.TestProgram(project), "-noLogo", "-noColor", "-longRunning", "60", "-xml", SuiteTask.ResultFile(repository, project), .. filters],
            environment, cancel);
}
