namespace Virt.Build;

/// <summary>Programs on PATH.</summary>
internal static class ExecutablePath
{
    /// <summary>The first file of that name on PATH; null when there is none.</summary>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
