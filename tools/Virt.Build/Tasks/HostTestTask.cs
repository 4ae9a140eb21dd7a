namespace Virt.Build.Tasks;

/// <summary>The tests that want a host of their own, with systemd as its first process: the Debian package, as it is made, in the test host.</summary>
internal static class HostTestTask
{
    public static async Task<int> RunAsync(Repository repository, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        TestOptions options = TestOptions.Parse("host-test", arguments);
        SuiteTask.ForgetResults(repository);
        await DepsTask.RunAsync(cancel).ConfigureAwait(false);
        await HostTask.RunAsync(repository, cancel).ConfigureAwait(false);
        await PackageTask.RunAsync(repository, cancel).ConfigureAwait(false);
        await BuildTask.QuickAsync(repository.TestProject(Repository.HostTests), cancel).ConfigureAwait(false);
        var environment = new Dictionary<string, string>(repository.TestEnvironment) { ["VIRT_TEST_HOST"] = repository.TestHost };
        await XunitTask.RunAsync(
            repository, Repository.HostTests, environment, options.Only is { } only ? ["-method", $"*{only}*"] : [], cancel).ConfigureAwait(false);
        return TotalTask.Run(repository, [Repository.HostTests]);
    }
}
