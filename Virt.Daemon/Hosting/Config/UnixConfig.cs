namespace Virt.Daemon.Hosting;

/// <summary>The unix sockets.</summary>
internal sealed record UnixConfig
{
    /// <summary>The group that owns the sockets; null leaves the daemon's.</summary>
    public string? Group { get; set; }

    /// <summary>The mode of the read-write socket, in octal; null means 0600, or 0660 when a group is set.</summary>
    public string? Mode { get; set; }

    /// <summary>The mode of the read-only socket, in octal.</summary>
    public string ReadOnlyMode { get; set; } = "0666";

    /// <summary>The mode of the read-write socket.</summary>
    public UnixFileMode FileMode(string path) => Octal(path, "unix.mode", Mode ?? (Group is null ? "0600" : "0660"));

    /// <summary>The mode of the read-only socket.</summary>
    public UnixFileMode ReadOnlyFileMode(string path) => Octal(path, "unix.readOnlyMode", ReadOnlyMode);

    /// <summary>Checks what this section says.</summary>
    /// <exception cref="Virt.Errors.VirtException"><see cref="Virt.Errors.VirtErrorCode.ConfigurationError"/>.</exception>
    public void Check(string path) => _ = (FileMode(path), ReadOnlyFileMode(path));

    private static UnixFileMode Octal(string path, string key, string text)
    {
        bool octal = text.Length is 3 or 4 && text.All(c => c is >= '0' and <= '7');
        int mode = octal ? Convert.ToInt32(text, 8) : -1;
        return mode is >= 0 and <= 511 ? (UnixFileMode)mode : throw DaemonConfig.Fault(path, $"{key} '{text}' is not a mode such as \"0660\"");
    }
}
