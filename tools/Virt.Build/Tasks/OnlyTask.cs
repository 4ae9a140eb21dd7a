using Virt.Build.PowerShell;

namespace Virt.Build.Tasks;

/// <summary>Builds and runs the tests that have a text in their names, of xunit and of Pester: what one runs after each change.</summary>
internal static class OnlyTask
{
    public static async Task<int> RunAsync(Repository repository, string name, TestOptions options, CancellationToken cancel)
    {
        IReadOnlyList<string> projects = [.. repository.TestProjects.Where(project => Mentions(repository, project, name))];
        bool pester = !options.WithoutPwsh && PesterTask.Has(repository, name);
        if (projects.Count == 0 && !pester)
            throw new BuildException($"no test file contains '{name}'.", ExitCode.Usage);

        List<string> ran = [.. projects];
        foreach (string project in projects)
        {
            await BuildTask.QuickAsync(repository.TestProject(project), cancel).ConfigureAwait(false);
            await XunitTask.RunAsync(repository, project, repository.QuickTestEnvironment, ["-method", $"*{name}*"], cancel).ConfigureAwait(false);
        }

        if (pester)
        {
            Pwsh pwsh = await Pwsh.FindAsync(repository, cancel).ConfigureAwait(false);
            PesterModule module = await PesterModule.FindAsync(repository, pwsh, options.Pester, cancel).ConfigureAwait(false);
            await PackageTask.ModuleAsync(repository, cancel).ConfigureAwait(false);
            await BuildTask.QuickAsync(repository.DaemonProject, cancel).ConfigureAwait(false);
            await PesterTask.RunAsync(repository, pwsh, module, name, repository.QuickTestEnvironment, cancel).ConfigureAwait(false);
            ran.Add(PesterTask.Suite);
        }

        return TotalTask.Run(repository, ran);
    }

    private static bool Mentions(Repository repository, string project, string text) =>
        repository.SourcesOf(project).Any(file =>
            Path.GetFileName(file).Contains(text, StringComparison.OrdinalIgnoreCase) || File.ReadAllText(file).Contains(text, StringComparison.OrdinalIgnoreCase));
}
