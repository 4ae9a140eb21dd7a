namespace Virt.Daemon.Hosting;

/// <summary>The audit log.</summary>
internal sealed record AuditConfig
{
    /// <summary>Whether there is one.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The file, an absolute path; null for audit.log in the log folder.</summary>
    public string? File { get; set; }

    /// <summary>Checks what this section says.</summary>
    /// <exception cref="Virt.Errors.VirtException"><see cref="Virt.Errors.VirtErrorCode.ConfigurationError"/>.</exception>
    public void Check(string path)
    {
        if (File is not null && !Path.IsPathFullyQualified(File))
            throw DaemonConfig.Fault(path, $"audit.file '{File}' is not an absolute path");
    }
}
