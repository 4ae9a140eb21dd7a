using System.Runtime.CompilerServices;
using Virt.Async;
using Virt.Drivers;
using Virt.Errors;
using Virt.Rpc;

namespace Virt.Connections;

/// <summary>The drivers opened after the hypervisor's, one per kind at most; a kind nobody offers is no error until it is used.</summary>
internal sealed class SecondaryDrivers : IAsyncDisposable
{
    private readonly Dictionary<SecondaryDriver, IAsyncDisposable> _drivers = [];

    public IReadOnlyList<SecondaryDriver> Kinds => [.. _drivers.Keys.Order()];

    [AsyncMethodBuilder(typeof(SeldomValueTask<>))]
    public static async ValueTask<SecondaryDrivers> OpenAsync(
        DriverTable table, IDriverConnection primary, OpenRequest request, CancellationToken cancel)
    {
        var opened = new SecondaryDrivers();
        try
        {
            await opened.AddAsync<INetworkDriver>(SecondaryDriver.Network, table, primary, request, cancel).ConfigureAwait(false);
            await opened.AddAsync<IStorageDriver>(SecondaryDriver.Storage, table, primary, request, cancel).ConfigureAwait(false);
            await opened.AddAsync<IInterfaceDriver>(SecondaryDriver.Interface, table, primary, request, cancel).ConfigureAwait(false);
            await opened.AddAsync<INodeDeviceDriver>(SecondaryDriver.NodeDevice, table, primary, request, cancel).ConfigureAwait(false);
            await opened.AddAsync<ISecretDriver>(SecondaryDriver.Secret, table, primary, request, cancel).ConfigureAwait(false);
            await opened.AddAsync<INetworkFilterDriver>(SecondaryDriver.NetworkFilter, table, primary, request, cancel).ConfigureAwait(false);
            return opened;
        }
        catch
        {
            await opened.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public T Get<T>(SecondaryDriver kind)
        where T : class =>
        _drivers.TryGetValue(kind, out IAsyncDisposable? driver)
            ? (T)driver
            : throw new VirtException(
                VirtErrorCode.NoSupport, $"this connection has no {kind} driver", kind.ToString(),
                "Connect to a host whose driver offers it; Get-VirtHost lists the drivers of a connection.");

    [AsyncMethodBuilder(typeof(SeldomValueTask))]
    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable driver in _drivers.Values)
            await driver.DisposeAsync().ConfigureAwait(false);
        _drivers.Clear();
    }

    [AsyncMethodBuilder(typeof(SeldomValueTask))]
    private async ValueTask AddAsync<T>(
        SecondaryDriver kind, DriverTable table, IDriverConnection primary, OpenRequest request, CancellationToken cancel)
        where T : class, IAsyncDisposable
    {
        if ((await table.OpenSecondaryAsync<T>(primary, request, cancel).ConfigureAwait(false)).Driver is { } driver)
            _drivers.Add(kind, request.ReadOnly ? Guarded(driver) : driver);
    }

    private static IAsyncDisposable Guarded(IAsyncDisposable driver) => driver switch
    {
        INetworkDriver network => new NetworkDriverGuard(network, Access.Read),
        IStorageDriver storage => new StorageDriverGuard(storage, Access.Read),
        IInterfaceDriver interfaces => new InterfaceDriverGuard(interfaces, Access.Read),
        INodeDeviceDriver devices => new NodeDeviceDriverGuard(devices, Access.Read),
        ISecretDriver secrets => new SecretDriverGuard(secrets, Access.Read),
        INetworkFilterDriver filters => new NetworkFilterDriverGuard(filters, Access.Read),
        _ => throw new InvalidOperationException($"{driver.GetType()} has no guard"),
    };
}
