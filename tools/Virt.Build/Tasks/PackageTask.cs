namespace Virt.Build.Tasks;

/// <summary>
/// Makes what is delivered: the module folder out/Virt, which any machine loads, the daemon's out/virtd, and the Debian package of
/// the daemon and of a module that is compiled ahead for this machine.
/// </summary>
internal static class PackageTask
{
    private const string Module = "Virt.PowerShell";

    public static async Task<int> RunAsync(Repository repository, CancellationToken cancel)
    {
        await DepsTask.RunAsync(DebianPackage.ForBuilding, cancel).ConfigureAwait(false);
        Log.Step("packaging");
        string published = Path.Combine(repository.Out, "publish");
        if (Directory.Exists(published))
            Directory.Delete(published, recursive: true);
        string daemon = Path.Combine(published, "virtd");
        await DotnetAsync(repository, "publish", "Virt.Daemon", ["-o", daemon], cancel).ConfigureAwait(false);
        FolderMirror.Update(repository.DaemonFolder, FilesIn(daemon, keep: static name => Path.GetExtension(name) is not (".pdb" or ".xml" or ".dbg")));

        ModuleFolder module = await MakeModuleAsync(repository, published, [], cancel).ConfigureAwait(false);
        module.Make(repository.DebianModule, await PublishForThisMachineAsync(repository, published, cancel).ConfigureAwait(false));
        Directory.Delete(published, recursive: true);
        return await DebTask.RunAsync(repository, [], cancel).ConfigureAwait(false);
    }

    /// <summary>Makes the module folder alone, without analyzers: what one does after each change.</summary>
    public static async Task ModuleAsync(Repository repository, CancellationToken cancel)
    {
        Log.Step("the module");
        string published = Path.Combine(repository.Out, "publish");
        await MakeModuleAsync(repository, published, ["-p:RunAnalyzers=false"], cancel).ConfigureAwait(false);
        Directory.Delete(published, recursive: true);
    }

    private static async Task<ModuleFolder> MakeModuleAsync(
        Repository repository, string published, IReadOnlyList<string> properties, CancellationToken cancel)
    {
        Directory.CreateDirectory(published);
        var gallery = Gallery.Read(repository.Gallery);
        string manifest = Path.Combine(published, "Virt.psd1");
        await ManifestTask.WriteAsync(repository, gallery, manifest, cancel).ConfigureAwait(false);
        var module = new ModuleFolder(
            repository, manifest, [.. await HelpAsync(repository, published, gallery.OnlineHelpUri, cancel).ConfigureAwait(false)]);
        module.Make(repository.Module, await PublishAnywhereAsync(repository, published, properties, cancel).ConfigureAwait(false));
        return module;
    }

    // What is built is published as it is: building again with other properties would restore other packages.
    private static async Task<string> PublishAnywhereAsync(
        Repository repository, string published, IReadOnlyList<string> properties, CancellationToken cancel)
    {
        string folder = Path.Combine(published, "Virt");
        await DotnetAsync(repository, "build", Module, properties, cancel).ConfigureAwait(false);
        await DotnetAsync(
            repository, "publish", Module,
            ["--no-build", "-p:PublishReadyToRun=false", "-p:UseDefaultPublishRuntimeIdentifier=false", "-o", folder], cancel).ConfigureAwait(false);
        return folder;
    }

    private static async Task<string> PublishForThisMachineAsync(Repository repository, string published, CancellationToken cancel)
    {
        string folder = Path.Combine(published, "ready");
        await DotnetAsync(repository, "publish", Module, ["-o", folder], cancel).ConfigureAwait(false);
        return folder;
    }

    private static Task DotnetAsync(
        Repository repository, string command, string project, IEnumerable<string> arguments, CancellationToken cancel) => ChildProcess.RequireAsync(
            "dotnet",
            [
                command, Path.Combine(repository.Root, project), "-c", Repository.Configuration, "-warnaserror", "--nologo", "-v", "quiet",
                .. arguments,
            ],
            cancel);

    private static async Task<IEnumerable<MirroredFile>> HelpAsync(
        Repository repository, string published, string online, CancellationToken cancel)
    {
        string folder = Path.Combine(published, "help");
        await ChildProcess.RequireAsync(
            "dotnet",
            ["run", "--project", Path.Combine(repository.Root, "tools", "Virt.Help"), "-c", Repository.Configuration, "-v", "quiet", "--", folder, online],
            cancel).ConfigureAwait(false);
        return FilesIn(folder, keep: static _ => true);
    }

    private static IEnumerable<MirroredFile> FilesIn(string folder, Func<string, bool> keep) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => new MirroredFile(Path.GetRelativePath(folder, file), file)).Where(file => keep(file.Name));
}
