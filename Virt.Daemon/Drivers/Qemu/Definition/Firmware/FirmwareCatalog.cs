namespace Virt.Daemon.Drivers.Qemu.Definition.Firmware;

/// <summary>The firmware that is installed, in the order of preference: by the descriptors' file names.</summary>
internal static class FirmwareCatalog
{
    private const int MaximumSize = 1 << 20;

    /// <summary>Reads the descriptors. One that is empty hides another of its name and is none itself.</summary>
    public static IReadOnlyList<FirmwareDescriptor> Read(IEnumerable<string> folders)
    {
        SortedDictionary<string, string> files = new(StringComparer.Ordinal);
        foreach (string folder in folders.Where(Directory.Exists))
        {
            foreach (string file in Directory.EnumerateFiles(folder, "*.json"))
                files.TryAdd(Path.GetFileName(file), file);
        }

        return [.. files.Values.Select(Load).OfType<FirmwareDescriptor>()];
    }

    private static FirmwareDescriptor? Load(string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            if (!stream.CanSeek || stream.Length is 0 or > MaximumSize)
                return null;
            var json = new byte[stream.Length];
            stream.ReadExactly(json);
            return FirmwareDescriptor.Parse(file, json);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
