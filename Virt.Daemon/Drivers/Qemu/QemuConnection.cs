using Virt.Drivers;

namespace Virt.Daemon.Drivers.Qemu;

/// <summary>One connection to the QEMU driver.</summary>
internal sealed class QemuConnection(QemuHost host, QemuHypervisorDriver driver, QemuSecondaryDrivers secondary, string uri) : IDriverConnection
{
    /// <inheritdoc/>
    public IHypervisorDriver Hypervisor => driver;

    /// <inheritdoc/>
    public string CanonicalUri => uri;

    /// <inheritdoc/>
    public string HostName => Environment.MachineName;

    /// <inheritdoc/>
    public Task<string> Closed { get; } = new TaskCompletionSource<string>().Task;

    /// <inheritdoc/>
    public ValueTask<DriverOpening<T>> OpenSecondaryAsync<T>(CancellationToken cancel)
        where T : class, IAsyncDisposable => ValueTask.FromResult(secondary.Open<T>(host));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => driver.DisposeAsync();
}
