namespace Virt.Daemon.Hosting;

/// <summary>What the command line says.</summary>
/// <param name="Root">The folder that stands for /; null for the real places.</param>
/// <param name="Session">Whether this is one user's daemon.</param>
/// <param name="ConfigPath">The configuration file; null for virtd.json in the config folder.</param>
/// <param name="IdleTimeout">After how long without clients and active domains the daemon leaves; null for never.</param>
/// <param name="Verbose">Whether debug lines are logged too.</param>
internal sealed record VirtdOptions(string? Root, bool Session, string? ConfigPath, TimeSpan? IdleTimeout, bool Verbose)
{
    /// <summary>The folders of this daemon.</summary>
    public VirtDirectories Directories { get; } =
        Root is not null ? VirtDirectories.FromRoot(Root) : Session ? VirtDirectories.Session() : VirtDirectories.System;

    /// <summary>The configuration file.</summary>
    public string ConfigFile => ConfigPath is null ? Path.Combine(Directories.Config, "virtd.json") : Path.GetFullPath(ConfigPath);

    /// <summary>The users who may connect over a network.</summary>
    public string UsersFile => Path.Combine(Directories.Config, "users");

    /// <summary>Reads the configuration.</summary>
    public DaemonConfig ReadConfig() => DaemonConfig.Read(ConfigFile, mustExist: ConfigPath is not null);
}
