using Virt.Daemon.Rpc;
using Virt.Rpc;

namespace Virt.Daemon.Hosting;

/// <summary>Limits on clients.</summary>
internal sealed record LimitsConfig
{
    private const int LargestFrame = RpcLimits.Frame >> 20;

    // A day: timers take no more than 49 of them.
    private const int LongestTime = 86_400;

    /// <summary>Clients at once.</summary>
    public int Clients { get; set; } = 5000;

    /// <summary>The last of these that are kept for administrators, and as many before them for the read-write socket; a quarter at most.</summary>
    public int ReservedClients { get; set; } = 64;

    /// <summary>Clients at once of one user.</summary>
    public int ClientsPerUser { get; set; } = 2500;

    /// <summary>Clients at once of one user on the read-only socket.</summary>
    public int ReadOnlyClientsPerUser { get; set; } = 250;

    /// <summary>Clients at once from one network address; of IPv6 from one network of 64 bits.</summary>
    public int ClientsPerAddress { get; set; } = 2500;

    /// <summary>Clients at once that have not authenticated yet.</summary>
    public int UnauthenticatedClients { get; set; } = 100;

    /// <summary>Of these, from one network address.</summary>
    public int UnauthenticatedClientsPerAddress { get; set; } = 25;

    /// <summary>Unanswered calls of one client.</summary>
    public int CallsPerClient { get; set; } = 1024;

    /// <summary>Subscriptions of one client.</summary>
    public int SubscriptionsPerClient { get; set; } = 64;

    /// <summary>Open streams of one client.</summary>
    public int StreamsPerClient { get; set; } = 64;

    /// <summary>What is held for one client, in MiB: what came in, the arguments of calls in flight, what waits to be sent.</summary>
    public int MemoryPerClientMiB { get; set; } = 128;

    /// <summary>The longest message that is taken from an authenticated client, in MiB.</summary>
    public int FrameMiB { get; set; } = LargestFrame;

    /// <summary>What may wait to be sent to a client before it is cut, in MiB.</summary>
    public int SendQueueMiB { get; set; } = (int)(RpcLimits.SendQueue >> 20);

    /// <summary>Seconds that part of a message may wait for the rest, or a client take nothing of what is sent to it, before it is cut.</summary>
    public int StallSeconds { get; set; } = 30;

    /// <summary>Seconds a client has to authenticate.</summary>
    public int AuthenticationSeconds { get; set; } = 30;

    /// <summary>Failed tries to authenticate on one connection.</summary>
    public int AuthenticationTries { get; set; } = 3;

    /// <summary>Failed tries from one network address, over all connections.</summary>
    public int AuthenticationTriesPerAddress { get; set; } = 20;

    /// <summary>Seconds in which these are counted together, and for which the address then has to wait.</summary>
    public int AuthenticationWindowSeconds { get; set; } = 300;

    /// <summary>The limits as the server takes them.</summary>
    internal ServerLimits ToServer() => new()
    {
        Clients = Clients,
        ReservedClients = ReservedClients,
        ClientsPerUser = ClientsPerUser,
        ReadOnlyClientsPerUser = ReadOnlyClientsPerUser,
        ClientsPerAddress = ClientsPerAddress,
        UnauthenticatedClients = UnauthenticatedClients,
        UnauthenticatedClientsPerAddress = UnauthenticatedClientsPerAddress,
        CallsPerClient = CallsPerClient,
        SubscriptionsPerClient = SubscriptionsPerClient,
        StreamsPerClient = StreamsPerClient,
        MemoryPerClient = (long)MemoryPerClientMiB << 20,
        AuthenticationTime = TimeSpan.FromSeconds(AuthenticationSeconds),
        AuthenticationTries = AuthenticationTries,
        AuthenticationTriesPerAddress = AuthenticationTriesPerAddress,
        AuthenticationWindow = TimeSpan.FromSeconds(AuthenticationWindowSeconds),
    };

    /// <summary>Checks what this section says.</summary>
    /// <exception cref="Virt.Errors.VirtException"><see cref="Virt.Errors.VirtErrorCode.ConfigurationError"/>.</exception>
    public void Check(string path)
    {
        (string Key, int Value)[] values =
        [
            ("clients", Clients), ("reservedClients", ReservedClients), ("clientsPerUser", ClientsPerUser), ("readOnlyClientsPerUser", ReadOnlyClientsPerUser),
            ("clientsPerAddress", ClientsPerAddress),
            ("unauthenticatedClients", UnauthenticatedClients), ("unauthenticatedClientsPerAddress", UnauthenticatedClientsPerAddress),
            ("callsPerClient", CallsPerClient), ("subscriptionsPerClient", SubscriptionsPerClient), ("streamsPerClient", StreamsPerClient),
            ("memoryPerClientMiB", MemoryPerClientMiB), ("frameMiB", FrameMiB),
            ("sendQueueMiB", SendQueueMiB), ("stallSeconds", StallSeconds), ("authenticationSeconds", AuthenticationSeconds),
            ("authenticationTries", AuthenticationTries), ("authenticationTriesPerAddress", AuthenticationTriesPerAddress),
            ("authenticationWindowSeconds", AuthenticationWindowSeconds),
        ];
        foreach ((string key, int value) in values)
        {
            if (value < 1)
                throw DaemonConfig.Fault(path, $"limits.{key} is {value}; it must be at least 1");
        }

        if (FrameMiB > LargestFrame)
            throw DaemonConfig.Fault(path, $"limits.frameMiB is {FrameMiB}; the protocol has {LargestFrame} at most");
        // The receive buffer doubles as it grows, and beside it stand the decoded arguments.
        if (MemoryPerClientMiB < 3L * FrameMiB)
            throw DaemonConfig.Fault(path, $"limits.memoryPerClientMiB is {MemoryPerClientMiB}; it must be at least three times limits.frameMiB ({FrameMiB})");
        if (Math.Max(Math.Max(StallSeconds, AuthenticationSeconds), AuthenticationWindowSeconds) > LongestTime)
            throw DaemonConfig.Fault(path, $"limits in seconds must be at most {LongestTime}");
    }
}
