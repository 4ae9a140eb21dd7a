using Microsoft.Extensions.Logging;
using Virt.Drivers;
using Virt.Remote;

namespace Virt.Daemon.Rpc;

/// <summary>The daemon as its clients see it: servers, drivers and procedures.</summary>
internal sealed class Daemon : IAsyncDisposable
{
    private readonly List<Server> _servers = [];
    private readonly ILogger _logger;
    private long _lastClient;
    private long _callsServed;

    /// <summary>Makes a daemon; servers are added to it by making them.</summary>
    /// <param name="drivers">The drivers that Open walks.</param>
    /// <param name="procedures">What is answered.</param>
    /// <param name="loggers">Makes the loggers.</param>
    public Daemon(DriverTable drivers, ProcedureTable procedures, ILoggerFactory loggers)
    {
        Drivers = drivers;
        Procedures = procedures;
        Loggers = loggers;
        Admin = new AdminService(this);
        _logger = loggers.CreateLogger("Virt.Daemon.Rpc");
    }

    /// <summary>The daemon's version of Virt.</summary>
    public static string Version { get; } = typeof(Daemon).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    public DriverTable Drivers { get; }

    public ProcedureTable Procedures { get; }

    public ILoggerFactory Loggers { get; }

    public IAdmin Admin { get; }

    public DateTimeOffset StartedAt { get; } = DateTimeOffset.UtcNow;

    public IReadOnlyList<Server> Servers => _servers;

    /// <summary>Calls answered since the start.</summary>
    public long CallsServed => Interlocked.Read(ref _callsServed);

    public void Add(Server server) => _servers.Add(server);

    public long NextClientId() => Interlocked.Increment(ref _lastClient);

    public void CountCall() => Interlocked.Increment(ref _callsServed);

    /// <summary>All servers begin to accept.</summary>
    public void Start()
    {
        foreach (Server server in _servers)
            server.Start();
    }

    /// <summary>Takes no new clients and calls, lets the calls in flight end within the time, and cuts the clients off.</summary>
    public async Task DrainAsync(TimeSpan time, CancellationToken cancel)
    {
        foreach (Server server in _servers)
            await server.StopAcceptingAsync().ConfigureAwait(false);

        ServerClient[] clients = [.. _servers.SelectMany(server => server.Clients)];
        RpcLog.Draining(_logger, clients.Length, clients.Sum(client => client.CallsInFlight));
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(time);
        await Task.WhenAll(clients.Select(client => client.DrainAsync("the daemon is shutting down", deadline.Token)))
            .ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Server server in _servers)
            await server.DisposeAsync().ConfigureAwait(false);
    }
}
