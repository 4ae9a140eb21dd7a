using Virt.Build.PowerShell;

namespace Virt.Build.Tasks;

/// <summary>The side by side with libvirt and with QEMU alone, and the guard that is part of the tests.</summary>
internal static class BenchTask
{
    private const string Suite = "start-guard";

    /// <summary>Measures, and writes docs/performance.md; with options of Virt.Bench, such as <c>--domains N</c>.</summary>
    public static async Task<int> RunAsync(Repository repository, IReadOnlyList<string> options, CancellationToken cancel)
    {
        Pwsh pwsh = await Pwsh.FindAsync(repository, cancel).ConfigureAwait(false);
        await DepsTask.RunAsync([.. DebianPackage.Needed, .. DebianPackage.ForComparing], cancel).ConfigureAwait(false);
        await PackageTask.RunAsync(repository, cancel).ConfigureAwait(false);
        string project = Path.Combine(repository.Root, "tests", "Virt.Bench");
        Log.Step($"building {project}");
        await ChildProcess.RequireAsync("dotnet", ["build", project, "-c", Repository.Configuration, "--nologo", "-v", "quiet"], cancel).ConfigureAwait(false);
        Log.Step("side by side; some minutes, in which the machine should have nothing else to do");
        return await ChildProcess.RunAsync(
            "dotnet",
            [
                Program(repository), "--daemon", repository.Daemon, "--module", repository.Module, "--ready-module", repository.DebianModule,
                "--document", Path.Combine(repository.Root, "docs", "performance.md"), .. options,
            ],
            cancel, pwsh.EnvironmentVariables).ConfigureAwait(false) ?? ExitCode.StepFailed;
    }

    /// <summary>Runs the guard as a test suite; it is built.</summary>
    /// <returns>Whether nothing is much slower than QEMU alone.</returns>
    public static Task<bool> TestAsync(Repository repository, CancellationToken cancel) => SuiteTask.RunAsync(
        repository, Suite, "dotnet",
        [Program(repository), "guard", "--daemon", repository.Daemon, "--results", SuiteTask.ResultFile(repository, Suite)],
        repository.TestEnvironment, cancel);

    private static string Program(Repository repository) =>
        Path.Combine(repository.Root, "tests", "Virt.Bench", "bin", Repository.Configuration, "net10.0", "Virt.Bench.dll");
}
