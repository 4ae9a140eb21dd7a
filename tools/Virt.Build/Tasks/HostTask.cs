namespace Virt.Build.Tasks;

/// <summary>Makes the disk and the saved memory of the test host, unless they are up to date. Wants root and Debian's mirror.</summary>
internal static class HostTask
{
    public static async Task<int> RunAsync(Repository repository, CancellationToken cancel)
    {
        if (!Environment.IsPrivilegedProcess)
            throw new BuildException("the test host's root file system can only be made by root.");
        await DepsTask.RunAsync(DebianPackage.ForTheHost, cancel).ConfigureAwait(false);
        Log.Step("test host");
        string script = Path.Combine(repository.Root, "tests", "host", "build-host.sh");
        await ChildProcess.RequireAsync(script, [repository.TestHost], cancel).ConfigureAwait(false);
        return ExitCode.Good;
    }
}
