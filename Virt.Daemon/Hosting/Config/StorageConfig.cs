namespace Virt.Daemon.Hosting;

/// <summary>Where clients of the class storage work.</summary>
internal sealed record StorageConfig
{
    /// <summary>Folders in which they make, look at and delete images, beside the images folder; absolute paths.</summary>
    public IReadOnlyList<string> Folders { get; set; } = [];

    /// <summary>Checks what this section says.</summary>
    /// <exception cref="Virt.Errors.VirtException"><see cref="Virt.Errors.VirtErrorCode.ConfigurationError"/>.</exception>
    public void Check(string path)
    {
        foreach (string? folder in Folders)
        {
            if (folder is null || folder.Length < 2 || !Path.IsPathFullyQualified(folder) || Path.GetFullPath(folder) != folder || folder.Any(char.IsControl))
                throw DaemonConfig.Fault(path, $"storage.folders '{folder}' is not the absolute path of a folder");
        }
    }
}
