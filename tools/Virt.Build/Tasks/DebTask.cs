using Virt.Build.Debian;

namespace Virt.Build.Tasks;

/// <summary>Makes the Debian package out/virt_VERSION_ARCHITECTURE.deb from the module that is packaged already.</summary>
internal static class DebTask
{
    /// <summary>Makes it.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="arguments">A version other than the manifest's, such as an upgrade is tried with; and a folder with virtd, published
    /// before.</param>
    /// <param name="cancel">Stops it.</param>
    public static async Task<int> RunAsync(Repository repository, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        if (arguments.Count > 2)
            throw new BuildException("deb takes at most a version and a folder.", ExitCode.Usage);
        if (!File.Exists("/usr/bin/dpkg-deb"))
        {
            Log.Warning("dpkg-deb is not on this machine: the Debian package is NOT made. On Debian and Ubuntu it is part of the package dpkg.");
            return ExitCode.Good;
        }

        Log.Step("Debian package");
        string version = arguments.Count > 0 ? arguments[0] : DebianArchive.ManifestVersion(repository);
        string work = Path.Combine(repository.Out, "deb");
        if (Directory.Exists(work))
            Directory.Delete(work, recursive: true);
        string daemon = arguments switch
        {
            [] => repository.DaemonFolder,
            [_] => await PublishAsync(repository, version, Path.Combine(work, "virtd"), cancel).ConfigureAwait(false),
            [_, string folder, ..] => folder,
        };
        var archive = new DebianArchive(repository, version);
        await archive.MakeAsync(daemon, Path.Combine(work, "tree"), cancel).ConfigureAwait(false);
        Directory.Delete(work, recursive: true);
        return ExitCode.Good;
    }

    // The version is in the program.
    private static async Task<string> PublishAsync(Repository repository, string version, string folder, CancellationToken cancel)
    {
        await ChildProcess.RequireAsync(
            "dotnet",
            [
                "publish", Path.Combine(repository.Root, "Virt.Daemon"), "-c", Repository.Configuration, "--nologo", "-v", "quiet",
                "-p:RunAnalyzers=false", $"-p:Version={version}", "-p:DebugType=none", "-p:GenerateDocumentationFile=false", "-o", folder,
            ],
            cancel).ConfigureAwait(false);
        File.Delete(Path.Combine(folder, "virtd.dbg"));
        return folder;
    }
}
