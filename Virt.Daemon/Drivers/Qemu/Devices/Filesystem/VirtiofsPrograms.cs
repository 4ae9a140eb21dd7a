using System.Text.Json;

namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>Finds virtiofsd: by the descriptions that packages give of their vhost-user programs (QEMU's
/// docs/interop/vhost-user.json), else where distributions have it.</summary>
internal static class VirtiofsPrograms
{
    private static readonly string[] Places = ["/usr/share/qemu/vhost-user", "/etc/qemu/vhost-user"];

    private const int MaximumSize = 1 << 20;

    private static readonly string[] Customary = ["/usr/libexec/virtiofsd", "/usr/lib/virtiofsd", "/usr/lib/qemu/virtiofsd"];

    /// <summary>Its path; null when the host has none.</summary>
    public static string? Find() => All().FirstOrDefault();

    /// <summary>All that the host has.</summary>
    public static IEnumerable<string> All() => Described().Concat(Customary).Where(path => HostFile.Exists(path));

    /// <summary>Files in /etc hide those of the same name in /usr; names give the order.</summary>
    private static IEnumerable<string> Described()
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string path in Places.SelectMany(folder => Folders.List(folder, ".json")))
            files[Path.GetFileName(path)] = path;

        return files.Values.Select(Read).OfType<string>();
    }

    private static string? Read(string path)
    {
        try
        {
            using JsonDocument description = JsonDocument.Parse(HostFile.Read(path, MaximumSize));
            return description.RootElement.GetProperty("type").GetString() == "fs"
                ? description.RootElement.GetProperty("binary").GetString()
                : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException
            or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
