namespace Virt.Daemon.Rpc;

/// <summary>What the clients of a server may take.</summary>
internal sealed record ServerLimits
{
    /// <summary>Clients at once.</summary>
    public int Clients { get; init; } = 5000;

    /// <summary>Clients at once that have not authenticated yet.</summary>
    public int UnauthenticatedClients { get; init; } = 100;

    /// <summary>Unanswered calls and subscriptions of one client.</summary>
    public int CallsPerClient { get; init; } = 1024;

    /// <summary>Open streams of one client; each may hold a few hundred KiB.</summary>
    public int StreamsPerClient { get; init; } = 64;

    /// <summary>How long a client may take to authenticate.</summary>
    public TimeSpan AuthenticationTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Failed tries to authenticate before a client is cut off.</summary>
    public int AuthenticationTries { get; init; } = 3;

    /// <summary>How long the answer to a failed try is held back.</summary>
    public TimeSpan AuthenticationDelay { get; init; } = TimeSpan.FromSeconds(1);
}
