using Virt.Secrets;

namespace Virt.Drivers.Test;

/// <summary>One connection to a test host. It offers all kinds of secondary driver but network filters.</summary>
internal sealed class TestConnection : IDriverConnection
{
    private static readonly Task<string> Never = new TaskCompletionSource<string>().Task;

    private readonly TestHost _host;
    private readonly TestHypervisorDriver _hypervisor;

    public TestConnection(TestHostLease lease, string canonicalUri)
    {
        _host = lease.Host;
        _hypervisor = new TestHypervisorDriver(lease);
        CanonicalUri = canonicalUri;
    }

    public IHypervisorDriver Hypervisor => _hypervisor;

    public string CanonicalUri { get; }

    public string HostName => TestHost.HostName;

    public Task<string> Closed => Never;

    public ValueTask<DriverOpening<T>> OpenSecondaryAsync<T>(CancellationToken cancel)
        where T : class, IAsyncDisposable
    {
        cancel.ThrowIfCancellationRequested();
        object? driver =
            typeof(T) == typeof(INetworkDriver) ? new TestNetworkDriver(_host.Node.Networks)
            : typeof(T) == typeof(IStorageDriver) ? new TestStorageDriver(_host)
            : typeof(T) == typeof(IInterfaceDriver) ? new TestInterfaceDriver(_host.Node.Interfaces)
            : typeof(T) == typeof(INodeDeviceDriver) ? new TestNodeDeviceDriver(_host.Node.Devices)
            : typeof(T) == typeof(ISecretDriver) ? new SecretCatalogDriver(_host.Secrets)
            : null;
        return ValueTask.FromResult(driver is T opened ? DriverOpening<T>.Opened(opened) : DriverOpening<T>.Declined);
    }

    public ValueTask DisposeAsync() => _hypervisor.DisposeAsync();
}
