namespace Virt.Build.Tasks;

/// <summary>Makes the manifest that is delivered: Virt.psd1 with what the gallery is told.</summary>
internal static class ManifestTask
{
    private const string PrivateData = "    PrivateData ";
    private const string Tags = "            Tags ";

    /// <summary>Writes the manifest for a gallery file.</summary>
    public static async Task<int> RunAsync(Repository repository, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        if (arguments.Count != 2)
            throw new BuildException("manifest takes the file that says what the gallery is told, and the file to write.", ExitCode.Usage);
        await WriteAsync(repository, Gallery.Read(arguments[0]), arguments[1], cancel).ConfigureAwait(false);
        return ExitCode.Good;
    }

    /// <summary>Writes the manifest.</summary>
    public static Task WriteAsync(Repository repository, Gallery gallery, string file, CancellationToken cancel)
    {
        string text = File.ReadAllText(Path.Combine(repository.Root, "Virt.psd1"));
        text = Before(text, PrivateData, "    ", 20, ("HelpInfoUri", gallery.HelpInfoUri));
        text = Before(
            text, Tags, "            ", 12,
            ("LicenseUri", gallery.LicenseUri), ("ProjectUri", gallery.ProjectUri), ("ReleaseNotes", gallery.ReleaseNotes));
        return File.WriteAllTextAsync(file, text, cancel);
    }

    private static string Before(string text, string line, string indent, int width, params IReadOnlyList<(string Name, string Value)> fields)
    {
        int place = text.IndexOf("\n" + line, StringComparison.Ordinal) + 1;
        if (place == 0)
            throw new BuildException($"Virt.psd1 has no line that begins with '{line.Trim()}'.");
        string lines = string.Concat(fields.Where(field => field.Value.Length > 0).Select(field =>
            $"{indent}{field.Name.PadRight(width)} = '{field.Value.Replace("'", "''", StringComparison.Ordinal)}'\n"));
        return text.Insert(place, lines);
    }
}
