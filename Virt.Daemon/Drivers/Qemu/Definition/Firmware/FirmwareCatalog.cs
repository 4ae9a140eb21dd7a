namespace Virt.Daemon.Drivers.Qemu.Definition.Firmware;

/// <summary>The firmware that is installed, in the order of preference: by the descriptors' file names.</summary>
internal static class FirmwareCatalog
{
    private const int MaximumSize = 1 << 20;

    /// <summary>Reads the descriptors. One that is empty hides another of its name and is none itself.</summary>
    public static IReadOnlyList<FirmwareDescriptor> Read(IEnumerable<string> folders)
    {
        SortedDictionary<string, string> files = new(StringComparer.Ordinal);
        foreach (string file in folders.SelectMany(folder => Folders.List(folder, ".json")))
            files.TryAdd(Path.GetFileName(file), file);

        return [.. files.Values.Select(Load).OfType<FirmwareDescriptor>()];
    }

    private static FirmwareDescriptor? Load(string file)
    {
        try
        {
            return HostFile.Read(file, MaximumSize) is { Length: > 0 } json ? FirmwareDescriptor.Parse(file, json) : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
