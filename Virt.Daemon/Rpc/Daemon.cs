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

    private DriverTable? _drivers;
    private ProcedureTable? _procedures;

    /// <summary>Makes a daemon; servers are added to it by making them, then it gets its drivers and its procedures.</summary>
    /// <param name="loggers">Makes the loggers.</param>
    public Daemon(ILoggerFactory loggers)
    {
        Loggers = loggers;
        Admin = new AdminService(this);
        _logger = loggers.CreateLogger("Virt.Daemon.Rpc");
    }

    /// <summary>The daemon's version of Virt.</summary>
    public static string Version { get; } = typeof(Daemon).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>The drivers that Open walks; set before the daemon starts.</summary>
    public DriverTable Drivers
    {
        get => _drivers ?? throw new InvalidOperationException("the drivers are not loaded yet");
        set => _drivers = value;
    }

    /// <summary>What is answered; set before the daemon starts.</summary>
    public ProcedureTable Procedures
    {
        get => _procedures ?? throw new InvalidOperationException("the procedure table is not there yet");
        set => _procedures = value;
    }

    /// <summary>Raised when a client has come or gone.</summary>
    public event Action? ClientsChanged;

    public ILoggerFactory Loggers { get; }

    public IAdmin Admin { get; }

    public DateTimeOffset StartedAt { get; } = DateTimeOffset.UtcNow;

    public IReadOnlyList<Server> Servers => _servers;

    /// <summary>Calls answered since the start.</summary>
    public long CallsServed => Interlocked.Read(ref _callsServed);

    public void Add(Server server) => _servers.Add(server);

    public long NextClientId() => Interlocked.Increment(ref _lastClient);

    public void OnClientsChanged() => ClientsChanged?.Invoke();

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
