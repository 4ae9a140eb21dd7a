namespace Virt.Build.PowerShell;

/// <summary>Where PowerShell keeps what it writes for itself (caches, settings, modules): in out, as a run leaves nothing in the user's home.</summary>
internal static class PwshFolders
{
    /// <summary>The environment variable with the folders of modules.</summary>
    public const string ModulePath = "PSModulePath";

    /// <summary>The environment of each PowerShell that is started.</summary>
    public static IReadOnlyDictionary<string, string> Environment(Repository repository)
    {
        string home = Path.Combine(repository.Out, "home");
        return new Dictionary<string, string>
        {
            ["XDG_CACHE_HOME"] = Path.Combine(home, "cache"),
            ["XDG_CONFIG_HOME"] = Path.Combine(home, "config"),
            ["XDG_DATA_HOME"] = Path.Combine(home, "data"),
            // The user's modules are found all the same.
            [ModulePath] = System.Environment.GetEnvironmentVariable(ModulePath) is { Length: > 0 } path ? path : UserModules,
        };
    }

    private static string UserModules
    {
        get
        {
            string data = System.Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } folder
                ? folder
                : Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".local", "share");
            return Path.Combine(data, "powershell", "Modules");
        }
    }
}
