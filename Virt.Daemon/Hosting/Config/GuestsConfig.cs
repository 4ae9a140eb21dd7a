namespace Virt.Daemon.Hosting;

/// <summary>What becomes of guests when the host shuts down, and in which order they start with it.</summary>
internal sealed record GuestsConfig
{
    private const int LongestWait = 86_400;

    /// <summary>The ways to end a guest, in the order in which they are tried; what none of them has ended is turned off.</summary>
    public IReadOnlyList<GuestEnding> OnHostShutdown { get; set; } = [GuestEnding.Shutdown];

    /// <summary>How long guests have to shut down, all together, in seconds.</summary>
    public int ShutdownSeconds { get; set; } = 300;

    /// <summary>The names of guests that start before the others, one after the other.</summary>
    public IReadOnlyList<string> AutostartOrder { get; set; } = [];

    /// <summary>Seconds between the starts of two guests; 0 starts those that no order names side by side.</summary>
    public int AutostartDelaySeconds { get; set; }

    /// <summary>Checks what this section says.</summary>
    /// <exception cref="Virt.Errors.VirtException"><see cref="Virt.Errors.VirtErrorCode.ConfigurationError"/>.</exception>
    public void Check(string path)
    {
        if (OnHostShutdown.Distinct().Count() != OnHostShutdown.Count)
            throw DaemonConfig.Fault(path, "guests.onHostShutdown names a way twice");
        if (ShutdownSeconds is < 1 or > LongestWait || AutostartDelaySeconds is < 0 or > LongestWait)
            throw DaemonConfig.Fault(path, $"guests.shutdownSeconds must be 1 to {LongestWait} and guests.autostartDelaySeconds 0 to {LongestWait}");
        if (AutostartOrder.Any(string.IsNullOrEmpty) || AutostartOrder.Distinct(StringComparer.Ordinal).Count() != AutostartOrder.Count)
            throw DaemonConfig.Fault(path, "guests.autostartOrder has an empty name, or one twice");
    }
}
