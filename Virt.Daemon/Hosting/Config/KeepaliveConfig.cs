namespace Virt.Daemon.Hosting;

/// <summary>Keepalive towards clients.</summary>
internal sealed record KeepaliveConfig
{
    private const int LongestInterval = 86_400;

    /// <summary>Seconds of silence after which a client is pinged; 0 turns it off.</summary>
    public int IntervalSeconds { get; set; } = 5;

    /// <summary>Pings without an answer after which a client is cut.</summary>
    public int Count { get; set; } = 5;

    /// <summary>Checks what this section says.</summary>
    /// <exception cref="Virt.Errors.VirtException"><see cref="Virt.Errors.VirtErrorCode.ConfigurationError"/>.</exception>
    public void Check(string path)
    {
        if (IntervalSeconds is < 0 or > LongestInterval || Count < 1)
            throw DaemonConfig.Fault(path, $"keepalive.intervalSeconds must be 0 (off) to {LongestInterval} and keepalive.count at least 1");
    }
}
