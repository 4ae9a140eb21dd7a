using System.Runtime.CompilerServices;
using Virt.Async;
using Virt.Drivers;
using Virt.Errors;
using Virt.Rpc;

namespace Virt.Connections;

/// <summary>
/// An open connection to a hypervisor and the secondary drivers that came with it. It can be used from many tasks at once.
/// </summary>
public sealed class VirtConnection : IAsyncDisposable
{
    private readonly IDriverConnection _connection;
    private readonly SecondaryDrivers _secondary;

    private VirtConnection(ConnectionUri uri, bool readOnly, IDriverConnection connection, SecondaryDrivers secondary)
    {
        Uri = uri;
        IsReadOnly = readOnly;
        _connection = connection;
        _secondary = secondary;
        Hypervisor = readOnly ? new HypervisorDriverGuard(connection.Hypervisor, Access.Read) : connection.Hypervisor;
    }

    /// <summary>The URI that was opened, aliases resolved.</summary>
    public ConnectionUri Uri { get; }

    /// <summary>The URI as the host that runs the guests knows it: without transport.</summary>
    public string CanonicalUri => _connection.CanonicalUri;

    /// <summary>The host that runs the guests.</summary>
    public string HostName => _connection.HostName;

    /// <summary>Whether what changes something is denied.</summary>
    public bool IsReadOnly { get; }

    /// <summary>The access classes of this connection: what it may do.</summary>
    public Access Access => IsReadOnly ? _connection.Access & Access.Read : _connection.Access;

    /// <summary>The hypervisor.</summary>
    public IHypervisorDriver Hypervisor { get; }

    /// <summary>The kinds of secondary driver that opened.</summary>
    public IReadOnlyList<SecondaryDriver> SecondaryDrivers => _secondary.Kinds;

    /// <summary>Virtual networks.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.NoSupport"/> when this connection has none.</exception>
    public INetworkDriver Network => _secondary.Get<INetworkDriver>(SecondaryDriver.Network);

    /// <summary>Storage pools; fails as <see cref="Network"/> does.</summary>
    public IStorageDriver Storage => _secondary.Get<IStorageDriver>(SecondaryDriver.Storage);

    /// <summary>Network interfaces of the host; fails as <see cref="Network"/> does.</summary>
    public IInterfaceDriver Interfaces => _secondary.Get<IInterfaceDriver>(SecondaryDriver.Interface);

    /// <summary>Devices of the host; fails as <see cref="Network"/> does.</summary>
    public INodeDeviceDriver NodeDevices => _secondary.Get<INodeDeviceDriver>(SecondaryDriver.NodeDevice);

    /// <summary>Secrets; fails as <see cref="Network"/> does.</summary>
    public ISecretDriver Secrets => _secondary.Get<ISecretDriver>(SecondaryDriver.Secret);

    /// <summary>Network filters; fails as <see cref="Network"/> does.</summary>
    public INetworkFilterDriver NetworkFilters => _secondary.Get<INetworkFilterDriver>(SecondaryDriver.NetworkFilter);

    /// <summary>Completes with the reason when the connection is gone; never for a driver in this process.</summary>
    public Task<string> Closed => _connection.Closed;

    /// <summary>Whether the connection is still there, as far as is known.</summary>
    public bool IsAlive => !Closed.IsCompleted;

    /// <summary>Opens a connection as a client: resolves the URI and walks the client's driver table.</summary>
    /// <param name="uri">A URI or an alias; null for the default.</param>
    /// <param name="options">How to open.</param>
    /// <param name="auth">Answers when credentials are asked for; null for none.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="VirtException">What went wrong and what to do.</exception>
    public static ValueTask<VirtConnection> OpenAsync(
        string? uri = null, OpenOptions options = OpenOptions.None, ConnectAuth? auth = null, CancellationToken cancel = default) =>
        OpenAsync(ClientDrivers.Table, UriResolver.Resolve(uri), options, auth ?? ConnectAuth.None, cancel);

    /// <summary>Opens a connection through a driver table: the hypervisor driver first, then the secondary ones.</summary>
    [AsyncMethodBuilder(typeof(SeldomValueTask<>))]
    public static async ValueTask<VirtConnection> OpenAsync(
        DriverTable drivers, ConnectionUri uri, OpenOptions options, ConnectAuth auth, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(drivers);
        var request = new OpenRequest(uri, options, auth);
        IDriverConnection connection = await drivers.OpenAsync(request, cancel).ConfigureAwait(false);
        try
        {
            SecondaryDrivers secondary = await Connections.SecondaryDrivers.OpenAsync(drivers, connection, request, cancel).ConfigureAwait(false);
            return new VirtConnection(uri, request.ReadOnly, connection, secondary);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Closes the connection and what came with it.</summary>
    [AsyncMethodBuilder(typeof(SeldomValueTask))]
    public async ValueTask DisposeAsync()
    {
        await _secondary.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }
}
