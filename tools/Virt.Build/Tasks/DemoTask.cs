using Virt.Build.PowerShell;

namespace Virt.Build.Tasks;

/// <summary>The main job on three real guests: the walk of tools/demo.ps1 in PowerShell, or virtd's own check without it.</summary>
internal static class DemoTask
{
    public static async Task<int> RunAsync(Repository repository, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        TestOptions options = TestOptions.Parse("demo", arguments);
        await DepsTask.RunAsync(cancel).ConfigureAwait(false);
        Pwsh? pwsh = options.WithoutPwsh ? null : await Pwsh.FindAsync(repository, cancel).ConfigureAwait(false);
        await PackageTask.RunAsync(repository, cancel).ConfigureAwait(false);
        await GuestTask.RunAsync(repository, cancel).ConfigureAwait(false);
        if (pwsh is null)
        {
            Log.Step("virtd check --boot (the same walk without the cmdlets)");
            return await ChildProcess.RunAsync(repository.Daemon, ["check", "--boot", "--guest", repository.Guest], cancel).ConfigureAwait(false)
                ?? ExitCode.StepFailed;
        }

        return await ChildProcess.RunAsync(
            pwsh.Program, ["-NoProfile", "-NonInteractive", "-File", Path.Combine(repository.Root, "tools", "demo.ps1")], cancel, pwsh.EnvironmentVariables)
            .ConfigureAwait(false) ?? ExitCode.StepFailed;
    }
}
