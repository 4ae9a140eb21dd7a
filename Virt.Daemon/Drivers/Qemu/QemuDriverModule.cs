using Virt.Connections;
using Virt.Drivers;
using Virt.Errors;

namespace Virt.Daemon.Drivers.Qemu;

/// <summary>Serves <c>qemu:///system</c> or <c>qemu:///session</c>, whichever the daemon is.</summary>
/// <param name="host">The driver's state, initialised.</param>
/// <param name="inventory">What the host can do.</param>
/// <param name="secondary">What connections offer beside domains.</param>
/// <param name="mode">The path this daemon serves: <c>system</c> or <c>session</c>.</param>
internal sealed class QemuDriverModule(QemuHost host, IHostInventory inventory, QemuSecondaryDrivers secondary, string mode) : IDriverModule
{
    /// <inheritdoc/>
    public string Name => "qemu";

    /// <inheritdoc/>
    public ValueTask<DriverOpening<IDriverConnection>> OpenAsync(OpenRequest request, CancellationToken cancel)
    {
        ConnectionUri uri = request.Uri;
        if (uri.Driver != Name || uri.IsRemote)
            return ValueTask.FromResult(DriverOpening<IDriverConnection>.Declined);
        if (uri.Path != "/" + mode)
        {
            throw VirtException.Create(
                VirtErrorCode.NoConnect, $"this daemon serves qemu:///{mode}, not '{uri}'", uri.ToString(),
                uri.Path is "/system" or "/session" ? $"Connect to the socket of the {uri.Path[1..]} daemon." : "Use qemu:///system or qemu:///session.");
        }

        IDriverConnection connection = new QemuConnection(
            host, new QemuHypervisorDriver(host, inventory), secondary, uri.RemoteName());
        return ValueTask.FromResult(DriverOpening<IDriverConnection>.Opened(connection));
    }
}
