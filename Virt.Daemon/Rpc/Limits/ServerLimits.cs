namespace Virt.Daemon.Rpc;

/// <summary>What the clients of a server may take.</summary>
internal sealed record ServerLimits
{
    /// <summary>Clients at once.</summary>
    public int Clients { get; init; } = 5000;

    /// <summary>
    /// The last seats of <see cref="Clients"/>, a quarter at most: so many are for administrators, and as many before them for the read-write
    /// socket, so that who may only read cannot shut the others out.
    /// </summary>
    public int ReservedClients { get; init; } = 64;

    /// <summary>Clients at once of one user, so that one user cannot take all.</summary>
    public int ClientsPerUser { get; init; } = 2500;

    /// <summary>Clients at once of one user on the read-only socket, which everybody may open.</summary>
    public int ReadOnlyClientsPerUser { get; init; } = 250;

    /// <summary>Clients at once from one network address.</summary>
    public int ClientsPerAddress { get; init; } = 2500;

    /// <summary>Clients at once that have not authenticated yet.</summary>
    public int UnauthenticatedClients { get; init; } = 100;

    /// <summary>Clients at once from one network address that have not authenticated yet.</summary>
    public int UnauthenticatedClientsPerAddress { get; init; } = 25;

    /// <summary>Unanswered calls and subscriptions of one client.</summary>
    public int CallsPerClient { get; init; } = 1024;

    /// <summary>Subscriptions of one client: each event is sent to each of them.</summary>
    public int SubscriptionsPerClient { get; init; } = 64;

    /// <summary>Open streams of one client; each may hold a few hundred KiB.</summary>
    public int StreamsPerClient { get; init; } = 64;

    /// <summary>What is held for one client, in bytes: what it has sent, the arguments of calls in flight, what waits to be sent to it.</summary>
    public long MemoryPerClient { get; init; } = 128L << 20;

    /// <summary>How long a client may take to authenticate.</summary>
    public TimeSpan AuthenticationTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Failed tries to authenticate before a client is cut off.</summary>
    public int AuthenticationTries { get; init; } = 3;

    /// <summary>Failed tries from one network address before it has to wait, over however many connections.</summary>
    public int AuthenticationTriesPerAddress { get; init; } = 20;

    /// <summary>The time in which tries from an address are counted together, and for which it then has to wait.</summary>
    public TimeSpan AuthenticationWindow { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the answer to a failed try is held back.</summary>
    public TimeSpan AuthenticationDelay { get; init; } = TimeSpan.FromSeconds(1);
}
