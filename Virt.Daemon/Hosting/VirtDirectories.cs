using Virt.Errors;

namespace Virt.Daemon.Hosting;

/// <summary>The folders of a daemon (DESIGN: places). Subfolders belong to whoever writes there.</summary>
/// <param name="Config">Configuration and definitions.</param>
/// <param name="Run">Sockets, status and process ids; gone after a reboot.</param>
/// <param name="State">Images, saved state, NVRAM.</param>
/// <param name="Log">Logs.</param>
internal sealed record VirtDirectories(string Config, string Run, string State, string Log)
{
    /// <summary>The whole machine's.</summary>
    public static VirtDirectories System { get; } = new("/etc/virt", "/run/virt", "/var/lib/virt", "/var/log/virt");

    /// <summary>The read-write socket.</summary>
    public string Socket => Path.Combine(Run, "virtd.sock");

    /// <summary>The read-only socket.</summary>
    public string ReadOnlySocket => Path.Combine(Run, "virtd-ro.sock");

    /// <summary>The audit log.</summary>
    public string AuditLog => Path.Combine(Log, "audit.log");

    /// <summary>Where what emulators can do is kept between runs.</summary>
    public string CapabilitiesCache => Path.Combine(State, "capabilities");

    /// <summary>Disk images; the storage pool <c>default</c>.</summary>
    public string Images => Path.Combine(State, "images");

    /// <summary>Secrets: definitions and values.</summary>
    public string Secrets => Path.Combine(Config, "secrets");

    /// <summary>Certificates and keys for TLS.</summary>
    public string Pki => Path.Combine(Config, "pki");

    /// <summary>Descriptions of virtual networks: <c>NAME.xml</c>.</summary>
    public string Networks => Path.Combine(Config, "networks");

    /// <summary>Below one folder, laid out as the system's.</summary>
    public static VirtDirectories FromRoot(string root)
    {
        string full = Path.GetFullPath(root);
        return new(
            Path.Combine(full, "etc/virt"), Path.Combine(full, "run/virt"), Path.Combine(full, "var/lib/virt"),
            Path.Combine(full, "var/log/virt"));
    }

    /// <summary>One user's, by the XDG base directory specification.</summary>
    public static VirtDirectories Session()
    {
        string run = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime
            ? Path.Combine(runtime, "virt")
            : Path.Combine(Xdg("XDG_CACHE_HOME", ".cache"), "virt/run");
        return new(
            Path.Combine(Xdg("XDG_CONFIG_HOME", ".config"), "virt"), run, Path.Combine(Xdg("XDG_DATA_HOME", ".local/share"), "virt"),
            Path.Combine(Xdg("XDG_CACHE_HOME", ".cache"), "virt/log"));
    }

    /// <summary>Makes the folders: others may not read what is private, everyone may reach the sockets of the system daemon.</summary>
    public void Create(bool shared)
    {
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        const UnixFileMode Reachable = Private | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        try
        {
            Directory.CreateDirectory(Config, Private);
            Directory.CreateDirectory(Run, shared ? Reachable : Private);
            Directory.CreateDirectory(State, shared ? Reachable : Private);
            Directory.CreateDirectory(Log, Private);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new VirtException(
                VirtErrorCode.SystemError, $"virtd's folders cannot be made: {denied.Message}",
                recommendedAction: "Run virtd as root, as a user with --session, or on a folder of your own with --root DIR.", innerException: denied);
        }
    }

    private static string Xdg(string variable, string fallback) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } set && Path.IsPathRooted(set)
            ? set
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), fallback);
}
