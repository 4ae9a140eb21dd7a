namespace Virt.Build.Tasks;

/// <summary>Removes all that was built: out, and every bin and obj but this program's own, which is running.</summary>
internal static class CleanTask
{
    public static int Run(Repository repository)
    {
        Delete(repository.Out);
        string self = Path.Combine(repository.Root, "tools", "Virt.Build");
        foreach (string project in Directory.EnumerateFiles(repository.Root, "*.csproj", SearchOption.AllDirectories).ToArray())
        {
            string folder = Path.GetDirectoryName(project)!;
            if (folder == self)
                continue;
            Delete(Path.Combine(folder, "bin"));
            Delete(Path.Combine(folder, "obj"));
        }

        return ExitCode.Good;
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
