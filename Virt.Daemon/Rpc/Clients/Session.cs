using Microsoft.Extensions.Logging;
using Virt.Connections;
using Virt.Daemon.Rpc.Authentication;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;
using Virt.Remote;
using Virt.Rpc;

namespace Virt.Daemon.Rpc;

/// <summary>The handshake of one client, and what it has open.</summary>
internal sealed class Session : ISession, IAsyncDisposable
{
    private const OpenOptions KnownOptions = OpenOptions.ReadOnly;

    private readonly ServerClient _client;
    private readonly Server _server;
    private readonly SessionAuthentication? _authentication;
    private VirtConnection? _connection;
    private AccessGrant? _grant;
    private int _opening;

    public Session(ServerClient client, Server server)
    {
        _client = client;
        _server = server;
        if (client.Peer.MustAuthenticate)
            _authentication = new SessionAuthentication(client, server);
    }

    public bool IsAuthenticated => _authentication?.IsComplete ?? true;

    /// <summary>Completes when the client is authenticated.</summary>
    public Task Authenticated => _authentication?.Completed ?? Task.CompletedTask;

    /// <summary>Who the client is; null before it has authenticated.</summary>
    public ClientIdentity? Identity => _client.Peer.Identity ?? _authentication?.Identity;

    /// <summary>What the client may do by the rules; settled once it is known who it is.</summary>
    public AccessGrant Grant =>
        Identity is { } identity ? _grant ??= _server.Access.Grant(identity, IsReadOnlySocket) : AccessGrant.None;

    /// <summary>What the client may do on this connection.</summary>
    public Access Access => IsReadOnly ? Grant.Access & Access.Read : Grant.Access;

    /// <summary>Whether it came by a socket that is for reading only.</summary>
    public bool IsReadOnlySocket => _client.Peer.ReadOnly;

    /// <summary>Whether what changes something is denied.</summary>
    public bool IsReadOnly => _client.Peer.ReadOnly || (Volatile.Read(ref _connection)?.IsReadOnly ?? false);

    /// <summary>The URI that is open, for the audit log; null when none is.</summary>
    public string? OpenUri => Volatile.Read(ref _connection)?.CanonicalUri;

    /// <summary>A domain's name, as far as the driver has it at hand; null when there is no such domain.</summary>
    public string? DomainName(Guid uuid)
    {
        try
        {
            ValueTask<DomainRecord>? found = Volatile.Read(ref _connection)?.Hypervisor.GetDomainByUuidAsync(uuid, CancellationToken.None);
            return found is { IsCompletedSuccessfully: true } ? found.Value.Result.Name : null;
        }
        catch (Exception e) when (e is VirtException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>The implementation that a procedure is for.</summary>
    /// <exception cref="VirtException">Nothing is open, or this connection has no such driver.</exception>
    public object Target(Procedure procedure)
    {
        Type contract = procedure.Contract;
        if (contract == typeof(ISession))
            return this;
        if (contract == typeof(IAdmin))
            return _server.Admin;

        VirtConnection open = Volatile.Read(ref _connection) ?? throw VirtException.Create(
            VirtErrorCode.InvalidConnection, $"{procedure.Name} needs an open connection", procedure.Name, "Call Open first.");
        return contract == typeof(IHypervisorDriver) ? open.Hypervisor
            : contract == typeof(INetworkDriver) ? open.Network
            : contract == typeof(IStorageDriver) ? open.Storage
            : contract == typeof(IInterfaceDriver) ? open.Interfaces
            : contract == typeof(INodeDeviceDriver) ? open.NodeDevices
            : contract == typeof(ISecretDriver) ? open.Secrets
            : contract == typeof(INetworkFilterDriver) ? open.NetworkFilters
            : throw new InvalidOperationException($"{contract} has no target");
    }

    public ValueTask<IReadOnlyList<string>> ListAuthenticationAsync(CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<string>>(_authentication is null ? [] : SessionAuthentication.Mechanisms);

    public ValueTask<AuthenticationStep> StartAuthenticationAsync(string mechanism, ReadOnlyMemory<byte> data, CancellationToken cancel) =>
        Authentication().StartAsync(mechanism, data, cancel);

    public ValueTask<AuthenticationStep> StepAuthenticationAsync(ReadOnlyMemory<byte> data, CancellationToken cancel) =>
        Authentication().StepAsync(data, cancel);

    public async ValueTask<SessionOpened> OpenAsync(string name, OpenOptions options, CancellationToken cancel)
    {
        if ((options & ~KnownOptions) != 0)
        {
            throw VirtException.Create(
                VirtErrorCode.InvalidArgument, $"unknown open options {(int)(options & ~KnownOptions)}", name,
                "Use client and daemon of matching versions.");
        }

        ConnectionUri uri = ConnectionUri.Parse(name);
        if (uri.IsRemote)
        {
            throw VirtException.Create(
                VirtErrorCode.InvalidArgument, $"'{name}' leads to another daemon, and this one does not connect onwards", name,
                "Connect to that host directly.");
        }

        if (Interlocked.Exchange(ref _opening, 1) != 0)
            throw VirtException.Create(VirtErrorCode.OperationInvalid, "this connection is open already", name, "Close it first.");
        try
        {
            OpenOptions effective = _client.Peer.ReadOnly ? options | OpenOptions.ReadOnly : options;
            VirtConnection connection = await _server.OpenAsync(uri, effective, cancel).ConfigureAwait(false);
            Volatile.Write(ref _connection, connection);
            RpcLog.Opened(_client.Comings, _client.Id, name, connection.IsReadOnly);
            return new(
                connection.CanonicalUri, connection.HostName, Daemon.Version, connection.IsReadOnly, connection.SecondaryDrivers,
                Access);
        }
        catch
        {
            Volatile.Write(ref _opening, 0);
            throw;
        }
    }

    public async ValueTask CloseAsync(CancellationToken cancel)
    {
        if (Interlocked.Exchange(ref _connection, null) is not { } connection)
            return;
        await connection.DisposeAsync().ConfigureAwait(false);
        Volatile.Write(ref _opening, 0);
    }

    public ValueTask DisposeAsync() => CloseAsync(CancellationToken.None);

    private SessionAuthentication Authentication() => _authentication ?? throw VirtException.Create(
        VirtErrorCode.OperationInvalid, "this connection is authenticated by its transport",
        recommendedAction: "Call ListAuthentication first; it lists nothing here.");
}
