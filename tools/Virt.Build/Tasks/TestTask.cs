using Virt.Build.PowerShell;

namespace Virt.Build.Tasks;

/// <summary>All tests: prepares what they need, runs every suite and sums up.</summary>
internal static class TestTask
{
    public static async Task<int> RunAsync(Repository repository, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        TestOptions options = TestOptions.Parse("test", arguments);
        // First of all, so that no result of an earlier run is taken for one of this.
        SuiteTask.ForgetResults(repository);
        if (options.Only is { } only)
            return await OnlyTask.RunAsync(repository, only, options, cancel).ConfigureAwait(false);

        await DepsTask.RunAsync(cancel).ConfigureAwait(false);
        Pwsh? pwsh = options.WithoutPwsh ? null : await Pwsh.FindAsync(repository, cancel).ConfigureAwait(false);
        PesterModule? pester = pwsh is null ? null : await PesterModule.FindAsync(repository, pwsh, options.Pester, cancel).ConfigureAwait(false);
        await BuildTask.RunAsync(repository, cancel).ConfigureAwait(false);
        await GuestTask.RunAsync(repository, cancel).ConfigureAwait(false);

        // What needs no packages runs while they are made, and what waits for guests half of the time beside all the rest. The guards
        // compare times and run alone.
        Task fast = InTurnAsync(repository, repository.FastTestProjects, cancel);
        await PackageTask.RunAsync(repository, cancel).ConfigureAwait(false);
        Task<bool> real = XunitTask.RunAsync(repository, Repository.RealDaemonTests, repository.TestEnvironment, ["-maxThreads", "3"], cancel);
        await fast.ConfigureAwait(false);
        await InTurnAsync(
            repository, repository.TestProjects.Except([.. repository.FastTestProjects, Repository.RealDaemonTests], StringComparer.Ordinal), cancel)
            .ConfigureAwait(false);
        await (pester is null
            ? PesterTask.SkipAsync(repository, cancel)
            : PesterTask.RunAsync(repository, pwsh!, pester, null, repository.TestEnvironment, cancel)).ConfigureAwait(false);
        await real.ConfigureAwait(false);
        await CodecTask.TestAsync(repository, cancel).ConfigureAwait(false);
        await BenchTask.TestAsync(repository, cancel).ConfigureAwait(false);
        return TotalTask.Run(repository, [.. repository.TestProjects, PesterTask.Suite]);
    }

    private static async Task InTurnAsync(Repository repository, IEnumerable<string> projects, CancellationToken cancel)
    {
        foreach (string project in projects)
            await XunitTask.RunAsync(repository, project, repository.TestEnvironment, [], cancel).ConfigureAwait(false);
    }
}
