using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Virt.Connections;
using Virt.Daemon.Rpc.Audit;
using Virt.Daemon.Rpc.Authentication;
using Virt.Daemon.Rpc.Listeners;
using Virt.Errors;
using Virt.Remote;
using Virt.Rpc;

namespace Virt.Daemon.Rpc;

/// <summary>A set of listeners with common limits, and the clients that came by them.</summary>
internal sealed class Server : IAsyncDisposable
{
    /// <summary>How many clients beyond the limit are told so; further ones are just closed.</summary>
    private const int MostRefused = 64;

    private readonly Daemon _daemon;
    private readonly List<Listener> _listeners = [];
    private readonly ConcurrentDictionary<long, ServerClient> _clients = new();
    private readonly Lock _admission = new();
    private readonly ClientAdmission _gate;

    /// <summary>Makes a server; it gets its listeners before the daemon starts.</summary>
    /// <param name="name">For logs.</param>
    /// <param name="daemon">The daemon it belongs to.</param>
    /// <param name="limits">What its clients may take.</param>
    /// <param name="connection">How its connections behave; the read limit is the server's own.</param>
    /// <param name="users">Who may connect over a network.</param>
    public Server(string name, Daemon daemon, ServerLimits limits, RpcConnectionOptions connection, ScramUsers users)
    {
        Name = name;
        _daemon = daemon;
        Limits = limits;
        Attempts = new AuthenticationAttempts(limits.AuthenticationTriesPerAddress, limits.AuthenticationWindow);
        _gate = new ClientAdmission(limits, Attempts);
        Users = users;
        ConnectionOptions = connection with { ReadWhileQueued = RpcLimits.ReadWhileQueued };
        Logger = daemon.Loggers.CreateLogger($"Virt.Daemon.Rpc.{name}");
        Comings = new ClientLog(Logger);
        daemon.Add(this);
    }

    public string Name { get; }

    public ServerLimits Limits { get; }

    /// <summary>The failed authentications of late.</summary>
    public AuthenticationAttempts Attempts { get; }

    public RpcConnectionOptions ConnectionOptions { get; }

    public ScramUsers Users { get; }

    /// <summary>Which client may do what.</summary>
    public AccessPolicy Access { get; init; } = AccessPolicy.Default;

    /// <summary>The audit log.</summary>
    public AuditTrail Audit { get; init; } = AuditTrail.None;

    public ILogger Logger { get; }

    /// <summary>Where it is logged who comes and goes.</summary>
    public ClientLog Comings { get; }

    public ProcedureTable Procedures => _daemon.Procedures;

    public IAdmin Admin => _daemon.Admin;

    /// <summary>How long the last answer to a client that is cut off may take.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(2);

    public IReadOnlyList<Listener> Listeners => _listeners;

    /// <summary>The clients now, in the order they came.</summary>
    public IReadOnlyList<ServerClient> Clients => [.. _clients.Values.OrderBy(client => client.Id)];

    public ValueTask<VirtConnection> OpenAsync(ConnectionUri uri, OpenOptions options, CancellationToken cancel) =>
        VirtConnection.OpenAsync(_daemon.Drivers, uri, options, ConnectAuth.None, cancel);

    public void CountCall() => _daemon.CountCall();

    /// <summary>Adds a listener that is bound; it accepts once the daemon has started.</summary>
    public void Add(Listener listener) => _listeners.Add(listener);

    /// <summary>Begins to accept.</summary>
    public void Start()
    {
        foreach (Listener listener in _listeners)
        {
            RpcLog.Listening(Logger, listener.Description);
            listener.Start(this);
        }
    }

    /// <summary>Whether one more peer may begin a handshake by which its transport finds out who it is.</summary>
    public HandshakeRoom RoomFor(Peer peer)
    {
        lock (_admission)
            return _gate.RoomFor(_clients.Values, peer);
    }

    /// <summary>Counts a peer as an unauthenticated client while its transport finds out who it is.</summary>
    public void BeginHandshake(Peer peer)
    {
        lock (_admission)
            _gate.BeginHandshake(peer);
    }

    /// <summary>The transport knows who the peer is, or has given up.</summary>
    public void EndHandshake(Peer peer)
    {
        lock (_admission)
            _gate.EndHandshake(peer);
    }

    /// <summary>Takes a connected peer in; one too many is told so and cut off.</summary>
    /// <param name="stream">The transport.</param>
    /// <param name="peer">Who is there.</param>
    /// <param name="refusal">Why the transport does not let it in, which it is told before it is cut off; null for a welcome peer.</param>
    public void Attach(Stream stream, Peer peer, VirtException? refusal = null)
    {
        ServerClient client;
        ILogger log = Comings.For(peer);
        lock (_admission)
        {
            VirtException? full = _gate.Judge(_clients.Values, peer, out int refused);
            refusal ??= full;
            if (refusal is not null && refused >= MostRefused)
            {
                stream.Dispose();
                return;
            }

            client = new ServerClient(_daemon.NextClientId(), this, peer, stream, refusal) { Comings = log };
            _clients[client.Id] = client;
            if (refusal is not null)
                RpcLog.Refused(log, client.Id, refusal.Message);
        }

        RpcLog.Connected(log, client.Id, peer.Transport, peer.Description, peer.ReadOnly);
        if (peer.Identity is CertificateIdentity || refusal?.Code == VirtErrorCode.AuthenticationFailed)
            Audit.Authenticated(client, user: null, refusal?.Message);
        client.Start();
        _daemon.OnClientsChanged();
    }

    /// <summary>A client has authenticated; checks that the user has not too many.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.ResourceLimit"/>.</exception>
    public void CheckUser(ServerClient client, ClientIdentity identity)
    {
        lock (_admission)
        {
            if (_gate.JudgeUser(_clients.Values, client, identity) is { } refusal)
                throw refusal;
        }
    }

    /// <summary>A client is gone.</summary>
    public void Remove(ServerClient client)
    {
        _clients.TryRemove(client.Id, out _);
        _daemon.OnClientsChanged();
    }

    /// <summary>Takes no new clients.</summary>
    public async ValueTask StopAcceptingAsync()
    {
        foreach (Listener listener in _listeners)
            await listener.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Cuts all clients off.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAcceptingAsync().ConfigureAwait(false);
        foreach (ServerClient client in _clients.Values)
            client.Connection.Abort("the daemon ends");
        Comings.Close();
    }
}
