namespace Virt.Daemon.Hosting.Check;

/// <summary>The files that a daemon could not use and has moved out of its way.</summary>
internal static class SetAsideFiles
{
    private static readonly EnumerationOptions Everywhere = new() { RecurseSubdirectories = true, IgnoreInaccessible = true, MaxRecursionDepth = 4 };

    /// <summary>Their paths, sorted.</summary>
    public static IReadOnlyList<string> Find(VirtDirectories directories) =>
    [
        .. new[] { directories.Config, directories.Run, directories.State }.Where(Directory.Exists).Distinct()
            .SelectMany(folder => Directory.EnumerateFileSystemEntries(folder, "*" + DurableFile.AsideMark + "*", Everywhere)).Order(StringComparer.Ordinal),
    ];
}
