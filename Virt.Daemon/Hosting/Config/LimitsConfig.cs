namespace Virt.Daemon.Hosting;

/// <summary>Limits on clients.</summary>
internal sealed record LimitsConfig
{
    private const int LongestTime = 86_400;

    /// <summary>Clients at once.</summary>
    public int Clients { get; set; } = 5000;

    /// <summary>Clients at once that have not authenticated yet.</summary>
    public int UnauthenticatedClients { get; set; } = 100;

    /// <summary>Unanswered calls of one client.</summary>
    public int CallsPerClient { get; set; } = 1024;

    /// <summary>Seconds a client has to authenticate.</summary>
    public int AuthenticationSeconds { get; set; } = 30;

    /// <summary>Checks what this section says.</summary>
    /// <exception cref="Virt.Errors.VirtException"><see cref="Virt.Errors.VirtErrorCode.ConfigurationError"/>.</exception>
    public void Check(string path)
    {
        if (Clients < 1 || UnauthenticatedClients < 1 || CallsPerClient < 1 || AuthenticationSeconds < 1)
            throw DaemonConfig.Fault(path, "every value of limits must be at least 1");
        if (AuthenticationSeconds > LongestTime)
            throw DaemonConfig.Fault(path, $"limits.authenticationSeconds must be at most {LongestTime}");
    }
}
