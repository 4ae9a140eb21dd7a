using Virt.Daemon.Native;

namespace Virt.Daemon.Files;

/// <summary>Folders by their absolute paths.</summary>
internal static class Folders
{
    /// <summary>Makes what was made, renamed or removed in a folder durable.</summary>
    public static void Flush(string path)
    {
        using HostFolder folder = HostFolder.Open(path);
        folder.Flush();
    }

    /// <summary>Whether a path leads to a folder.</summary>
    public static bool Exists(string path) => HostFile.TryLook(path) is { Kind: FileKind.Folder };

    /// <summary>The paths of what is in a folder; none when it is not there.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="extension">The ending of the names; all when it is empty.</param>
    public static IReadOnlyList<string> List(string path, string extension = "")
    {
        using HostFolder? folder = HostFolder.TryOpen(path);
        return folder is null ? [] : [.. folder.List().Where(name => name.EndsWith(extension, StringComparison.Ordinal)).Select(folder.PathOf)];
    }

    /// <summary>Makes a folder, and those above it that are missing; one that is there stays as it is.</summary>
    /// <exception cref="UnsuitableFileException">Something else has its name, or a link that is not followed leads to it.</exception>
    public static void Make(string path, UnixFileMode mode)
    {
        if (HostFile.TryLook(path) is { Kind: FileKind.Folder })
            return;
        if (Path.GetDirectoryName(path) is { } above)
            Make(above, mode);
        using HostFolder parent = HostFolder.OpenParent(path, out string name);
        int error = OpenCalls.MakeFolder(parent.Handle, name, mode);
        if (error != 0 && (error != FileErrors.Exists || parent.Find(name) is not { Kind: FileKind.Folder }))
            throw FileErrors.Of(error, path);
    }
}
