namespace Virt.Build.Tasks;

/// <summary>Makes what is delivered: the module folder out/Virt, the daemon's out/virtd, and the Debian package of both.</summary>
internal static class PackageTask
{
    public static async Task<int> RunAsync(Repository repository, CancellationToken cancel)
    {
        await DepsTask.RunAsync(DebianPackage.ForBuilding, cancel).ConfigureAwait(false);
        Log.Step("packaging");
        string daemon = Path.Combine(repository.Out, "publish", "virtd");
        await PublishAsync(repository, "Virt.Daemon", daemon, cancel).ConfigureAwait(false);
        FolderMirror.Update(repository.DaemonFolder, FilesIn(daemon, keep: static name => Path.GetExtension(name) is not (".pdb" or ".xml" or ".dbg")));
        Directory.Delete(daemon, recursive: true);
        await ModuleAsync(repository, cancel).ConfigureAwait(false);
        return await DebTask.RunAsync(repository, [], cancel).ConfigureAwait(false);
    }

    /// <summary>Makes the module folder alone.</summary>
    public static async Task ModuleAsync(Repository repository, CancellationToken cancel)
    {
        string published = Path.Combine(repository.Out, "publish");
        string module = Path.Combine(published, "Virt");
        await PublishAsync(repository, "Virt.PowerShell", module, cancel).ConfigureAwait(false);
        FolderMirror.Update(repository.Module, [.. ModuleFiles(repository, module), .. await HelpAsync(repository, published, cancel).ConfigureAwait(false)]);
        RequireOwnAssembliesOnly(repository);
        Directory.Delete(published, recursive: true);
    }

    // Into an empty folder, so that nothing of an earlier build is packaged.
    private static Task PublishAsync(Repository repository, string project, string folder, CancellationToken cancel)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        return ChildProcess.RequireAsync(
            "dotnet",
            [
                "publish", Path.Combine(repository.Root, project), "-c", Repository.Configuration, "-warnaserror", "--nologo", "-v", "quiet",
                "-o", folder,
            ],
            cancel);
    }

    private static IEnumerable<MirroredFile> ModuleFiles(Repository repository, string published)
    {
        yield return new MirroredFile("Virt.psd1", Path.Combine(repository.Root, "Virt.psd1"));
        yield return new MirroredFile("LICENSE", Path.Combine(repository.Root, "LICENSE"));
        foreach (MirroredFile assembly in FilesIn(published, keep: static name => name.EndsWith(".dll", StringComparison.Ordinal)))
            yield return assembly;
        // Views lie beside what they show, wherever that is in the project; in a module they lie at its top.
        foreach (string view in SourceFiles(Path.Combine(repository.Root, "Virt.PowerShell"), "*.ps1xml"))
            yield return new MirroredFile(Path.GetFileName(view), view);
    }

    private static async Task<IReadOnlyList<MirroredFile>> HelpAsync(Repository repository, string published, CancellationToken cancel)
    {
        string project = Path.Combine(repository.Root, "tools", "Virt.Help");
        if (!Directory.Exists(project))
            return [];
        string folder = Path.Combine(published, "help");
        await ChildProcess.RequireAsync(
            "dotnet", ["run", "--project", project, "-c", Repository.Configuration, "-v", "quiet", "--", folder], cancel).ConfigureAwait(false);
        return [.. FilesIn(folder, keep: static _ => true)];
    }

    private static IEnumerable<MirroredFile> FilesIn(string folder, Func<string, bool> keep) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => new MirroredFile(Path.GetRelativePath(folder, file), file)).Where(file => keep(file.Name));

    private static IEnumerable<string> SourceFiles(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(folder, file).Split('/')[0] is not ("bin" or "obj")).Order(StringComparer.Ordinal);

    // Another module in the same process could have brought another version of it.
    private static void RequireOwnAssembliesOnly(Repository repository)
    {
        IReadOnlyList<string> foreign =
        [
            .. Directory.EnumerateFiles(repository.Module, "*.dll", SearchOption.AllDirectories).Select(file => Path.GetFileName(file))
                .Where(name => !name.StartsWith("Virt.", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
        ];
        if (foreign.Count > 0)
            throw new BuildException($"the module would load assemblies of others into pwsh: {string.Join(", ", foreign)}.");
    }
}
