namespace Virt.Build.Tasks;

/// <summary>The fast ring: builds what changed and runs the tests that need no QEMU, no packages and no root.</summary>
internal static class CheckTask
{
    public static async Task<int> RunAsync(Repository repository, CancellationToken cancel)
    {
        SuiteTask.ForgetResults(repository);
        await BuildTask.QuickAsync(repository.FastRing, cancel).ConfigureAwait(false);
        await Task.WhenAll(repository.FastTestProjects.Select(project =>
            XunitTask.RunAsync(repository, project, repository.QuickTestEnvironment, [], cancel))).ConfigureAwait(false);
        return TotalTask.Run(repository, repository.FastTestProjects);
    }
}
