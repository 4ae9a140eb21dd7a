namespace Virt.Build.Tasks;

/// <summary>The fast ring: builds what changed and runs the tests that need no QEMU, no packages and no root.</summary>
internal static class CheckTask
{
    public static async Task<int> RunAsync(Repository repository, CancellationToken cancel)
    {
        SuiteTask.ForgetResults(repository);
        await BuildTask.QuickAsync(repository.FastRing, cancel).ConfigureAwait(false);
        foreach (string project in repository.FastTestProjects)
            await XunitTask.RunAsync(repository, project, repository.QuickTestEnvironment, [], cancel).ConfigureAwait(false);
        return TotalTask.Run(repository, repository.FastTestProjects);
    }
}
