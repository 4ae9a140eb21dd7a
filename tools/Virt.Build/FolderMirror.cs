namespace Virt.Build;

/// <summary>A file of a folder and where it comes from.</summary>
/// <param name="Name">Its path inside the folder.</param>
/// <param name="Source">The file to copy.</param>
internal sealed record MirroredFile(string Name, string Source);

/// <summary>
/// Makes a folder hold exactly the files it is to hold. What changed is replaced by renaming: a process that has the old
/// file mapped, such as a running daemon, keeps it whole.
/// </summary>
internal static class FolderMirror
{
    public static void Update(string folder, IEnumerable<MirroredFile> files)
    {
        var wanted = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (MirroredFile file in files)
        {
            if (!wanted.TryAdd(file.Name, file.Source))
                throw new BuildException($"both {wanted[file.Name]} and {file.Source} would become {file.Name}.");
        }

        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (!wanted.ContainsKey(Path.GetRelativePath(folder, file)))
                File.Delete(file);
        }

        foreach ((string name, string source) in wanted)
            Replace(Path.Combine(folder, name), source);
    }

    private static void Replace(string target, string source)
    {
        if (File.Exists(target) && File.ReadAllBytes(target).AsSpan().SequenceEqual(File.ReadAllBytes(source)))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        string fresh = target + ".new";
        File.Copy(source, fresh, overwrite: true);
        File.Move(fresh, target, overwrite: true);
    }
}
