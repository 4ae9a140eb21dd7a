namespace Virt.Daemon.Drivers.Qemu.CommandLine;

/// <summary>Where one run of a guest keeps its things; absolute paths.</summary>
/// <param name="StateFolder">QEMU's own folder for this run: its HOME, and the sockets whose path the definition leaves
/// open.</param>
/// <param name="PidFile">Where QEMU writes its process id.</param>
/// <param name="LogFile">The guest's log: QEMU's standard error.</param>
/// <param name="Incoming">Null for a fresh start; otherwise the guest waits for a saved state: <c>defer</c> (the
/// <c>migrate-incoming</c> command follows), or a URI QEMU takes.</param>
internal sealed record LaunchPaths(string StateFolder, string PidFile, string LogFile, string? Incoming = null)
{
    /// <summary>The run's folder, the daemon's: the sockets of those that serve the guest.</summary>
    public string RunFolder { get; init; } = StateFolder;
}
