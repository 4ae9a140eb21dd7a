namespace Virt.Remote.Transports.Processes;

/// <summary>Finds programs as a shell does: by a path, or by a name in the folders of PATH.</summary>
internal static class ExecutableFile
{
    /// <summary>The program's full path; null when there is none.</summary>
    public static string? Find(string name)
    {
        if (Path.GetFileName(name) != name)
            return IsExecutable(name) ? Path.GetFullPath(name) : null;
        string[] folders = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? [];
        IEnumerable<string> candidates =
            from folder in folders
            where Path.IsPathRooted(folder)
            from ending in OperatingSystem.IsWindows() && !Path.HasExtension(name) ? (string[])[".exe"] : [""]
            select Path.Combine(folder, name + ending);
        return candidates.FirstOrDefault(IsExecutable);
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path)
        && (OperatingSystem.IsWindows()
            || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
