using System.Runtime.CompilerServices;
using Virt.Async;
using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;
using Virt.Rpc;

namespace Virt.Remote;

/// <summary>A hypervisor connection that a daemon has opened: the generated stubs over one RPC connection.</summary>
public sealed class RemoteDriverConnection : IDriverConnection
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly RpcClient _client;
    private readonly SessionOpened _opened;
    private int _disposed;

    internal RemoteDriverConnection(RpcClient client, SessionOpened opened)
    {
        _client = client;
        _opened = opened;
        Hypervisor = new HypervisorDriverStub(client);
        Admin = new AdminStub(client);
    }

    /// <inheritdoc/>
    public IHypervisorDriver Hypervisor { get; }

    /// <summary>The daemon about itself.</summary>
    public IAdmin Admin { get; }

    /// <inheritdoc/>
    public string CanonicalUri => _opened.Uri;

    /// <inheritdoc/>
    public string HostName => _opened.HostName;

    /// <summary>The version of Virt at the far side.</summary>
    public string DaemonVersion => _opened.DaemonVersion;

    /// <summary>Whether the daemon denies what changes something.</summary>
    public bool IsReadOnly => _opened.ReadOnly;

    /// <inheritdoc/>
    public Access Access => _opened.Access ?? (IsReadOnly ? Access.Read : Access.All & ~Access.Admin);

    /// <inheritdoc/>
    public Task<string> Closed => _client.Closed;

    /// <inheritdoc/>
    public ValueTask<DriverOpening<T>> OpenSecondaryAsync<T>(CancellationToken cancel)
        where T : class, IAsyncDisposable
    {
        object? stub =
            typeof(T) == typeof(INetworkDriver) && Has(SecondaryDriver.Network) ? new NetworkDriverStub(_client)
            : typeof(T) == typeof(IStorageDriver) && Has(SecondaryDriver.Storage) ? new StorageDriverStub(_client)
            : typeof(T) == typeof(IInterfaceDriver) && Has(SecondaryDriver.Interface) ? new InterfaceDriverStub(_client)
            : typeof(T) == typeof(INodeDeviceDriver) && Has(SecondaryDriver.NodeDevice) ? new NodeDeviceDriverStub(_client)
            : typeof(T) == typeof(ISecretDriver) && Has(SecondaryDriver.Secret) ? new SecretDriverStub(_client)
            : typeof(T) == typeof(INetworkFilterDriver) && Has(SecondaryDriver.NetworkFilter) ? new NetworkFilterDriverStub(_client)
            : null;
        return ValueTask.FromResult(stub is T driver ? DriverOpening<T>.Opened(driver) : DriverOpening<T>.Declined);
    }

    /// <summary>Closes what is open at the far side, if it answers soon, and ends the connection.</summary>
    [AsyncMethodBuilder(typeof(SeldomValueTask))]
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        try
        {
            await new SessionStub(_client.WithTimeout(CloseTimeout)).CloseAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (VirtException)
        {
            // The far side is gone or slow; it notices the end of the connection.
        }

        await _client.DisposeAsync().ConfigureAwait(false);
    }

    private bool Has(SecondaryDriver kind) => _opened.Drivers.Contains(kind);
}
