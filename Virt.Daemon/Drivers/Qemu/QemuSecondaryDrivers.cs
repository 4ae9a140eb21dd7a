using Virt.Daemon.Drivers.Storage;
using Virt.Drivers;
using Virt.Secrets;

namespace Virt.Daemon.Drivers.Qemu;

/// <summary>What a connection to the QEMU driver offers beside domains.</summary>
/// <param name="Secrets">The daemon's secrets.</param>
/// <param name="Images">The daemon's images.</param>
/// <param name="Pools">The daemon's storage pools.</param>
internal sealed record QemuSecondaryDrivers(SecretCatalog Secrets, ImageStore Images, StoragePools Pools)
{
    /// <summary>Opens a driver for one connection; declined when it is none of these.</summary>
    public DriverOpening<T> Open<T>(QemuHost host)
        where T : class, IAsyncDisposable
    {
        object? driver =
            typeof(T) == typeof(IStorageDriver) ? new StorageDriver(Images, Pools, path => ImageUsers.Find(host.Services.Table.All, path))
            : typeof(T) == typeof(ISecretDriver) ? new SecretCatalogDriver(Secrets)
            : null;
        return driver is T opened ? DriverOpening<T>.Opened(opened) : DriverOpening<T>.Declined;
    }
}
