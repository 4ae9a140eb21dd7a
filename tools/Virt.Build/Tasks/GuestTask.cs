namespace Virt.Build.Tasks;

/// <summary>Makes kernel and initramfs of the test guest, unless they are up to date.</summary>
internal static class GuestTask
{
    public static async Task<int> RunAsync(Repository repository, CancellationToken cancel)
    {
        Log.Step("test guest");
        string script = Path.Combine(repository.Root, "tests", "guest", "build-guest.sh");
        await ChildProcess.RequireAsync(script, [repository.Guest], cancel).ConfigureAwait(false);
        return ExitCode.Good;
    }
}
