namespace Virt.Build.Tasks;

/// <summary>Makes a folder that PowerShell imports as the module.</summary>
/// <param name="repository">Where its sources are.</param>
/// <param name="manifest">Its manifest.</param>
/// <param name="help">Its help.</param>
internal sealed class ModuleFolder(Repository repository, string manifest, IReadOnlyList<MirroredFile> help)
{
    /// <summary>The folder of what PowerShell is not to find by itself: the module loads it apart.</summary>
    private const string Libraries = "lib";

    /// <summary>Makes it of assemblies that were published.</summary>
    public void Make(string folder, string published)
    {
        IReadOnlyList<MirroredFile> assemblies = [.. Assemblies(published)];
        RequireOwnAtTheTop(assemblies);
        FolderMirror.Update(folder, [.. Texts(), .. assemblies, .. help]);
    }

    private static IEnumerable<MirroredFile> Assemblies(string published) =>
        Directory.EnumerateFiles(published, "*.dll", SearchOption.AllDirectories)
            .Select(file => new MirroredFile(Path.GetRelativePath(published, file), file));

    private IEnumerable<MirroredFile> Texts()
    {
        yield return new MirroredFile("Virt.psd1", manifest);
        yield return new MirroredFile("LICENSE", Path.Combine(repository.Root, "LICENSE"));
        yield return new MirroredFile("ThirdPartyNotices.txt", Path.Combine(repository.Root, "packaging", "ThirdPartyNotices.txt"));
        // Views lie beside what they show, wherever that is in the project; in a module they lie at its top.
        foreach (string view in SourceFiles(Path.Combine(repository.Root, "Virt.PowerShell"), "*.ps1xml"))
            yield return new MirroredFile(Path.GetFileName(view), view);
    }

    private static IEnumerable<string> SourceFiles(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj")).Order(StringComparer.Ordinal);

    // Another module in the same process could have brought another version of it.
    private static void RequireOwnAtTheTop(IEnumerable<MirroredFile> assemblies)
    {
        IReadOnlyList<string> foreign =
        [
            .. assemblies.Select(file => file.Name)
                .Where(name => Path.GetDirectoryName(name) != Libraries && name != "Virt.PowerShell.dll").Order(StringComparer.Ordinal),
        ];
        if (foreign.Count > 0)
            throw new BuildException($"PowerShell would load what belongs into {Libraries}: {string.Join(", ", foreign)}.");
    }
}
