using Virt.Build.Debian;

namespace Virt.Build.Tasks;

/// <summary>Installs, restarts, upgrades and removes the Debian package in a booted Debian of its own. Wants root and the network.</summary>
internal static class InstallTestTask
{
    // Newer than any release of this one.
    private const string Upgrade = ".9999";

    public static async Task<int> RunAsync(Repository repository, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        if (!Environment.IsPrivilegedProcess)
            throw new BuildException("install-test boots a container and so has to be root.");
        await PackageTask.RunAsync(repository, cancel).ConfigureAwait(false);
        string version = DebianArchive.ManifestVersion(repository);
        string newer = version[..version.LastIndexOf('.')] + Upgrade;
        await DebTask.RunAsync(repository, [newer], cancel).ConfigureAwait(false);
        string upgrade = new DebianArchive(repository, newer).FilePath;
        try
        {
            Log.Step("install test");
            string script = Path.Combine(repository.Root, "tests", "packaging", "install-test.sh");
            int? exit = await ChildProcess.RunAsync(
                script, [new DebianArchive(repository, version).FilePath, upgrade, .. arguments], cancel).ConfigureAwait(false);
            return exit == 0 ? ExitCode.Good : ExitCode.TestsFailed;
        }
        finally
        {
            File.Delete(upgrade);
        }
    }
}
