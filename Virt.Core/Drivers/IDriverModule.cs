using Virt.Connections;
using Virt.Rpc;

namespace Virt.Drivers;

/// <summary>One row of the driver table: it knows which URIs it serves and opens them.</summary>
public interface IDriverModule
{
    /// <summary>Its name, as <c>test</c>, <c>qemu</c>, <c>remote</c>.</summary>
    string Name { get; }

    /// <summary>Asks the module to open a hypervisor connection.</summary>
    ValueTask<DriverOpening<IDriverConnection>> OpenAsync(OpenRequest request, CancellationToken cancel);

    /// <summary>Asks the module for a secondary driver beside a hypervisor connection that may be another module's.</summary>
    /// <typeparam name="T">Its contract: <see cref="INetworkDriver"/>, <see cref="IStorageDriver"/>, ...</typeparam>
    ValueTask<DriverOpening<T>> OpenSecondaryAsync<T>(IDriverConnection primary, OpenRequest request, CancellationToken cancel)
        where T : class, IAsyncDisposable => ValueTask.FromResult(DriverOpening<T>.Declined);
}

/// <summary>What a driver module needs to decide and to open.</summary>
/// <param name="Uri">The URI, aliases resolved.</param>
/// <param name="Options">How to open.</param>
/// <param name="Auth">Answers when credentials are asked for.</param>
public sealed record OpenRequest(ConnectionUri Uri, OpenOptions Options, ConnectAuth Auth)
{
    /// <summary>Whether only reading is asked for.</summary>
    public bool ReadOnly => (Options & OpenOptions.ReadOnly) != 0;
}

/// <summary>An opened hypervisor driver and what belongs to it.</summary>
public interface IDriverConnection : IAsyncDisposable
{
    /// <summary>The hypervisor.</summary>
    IHypervisorDriver Hypervisor { get; }

    /// <summary>The URI as the far end opened it: without transport.</summary>
    string CanonicalUri { get; }

    /// <summary>The host that runs the guests.</summary>
    string HostName { get; }

    /// <summary>The access classes that the far end grants; all of them for drivers in this process.</summary>
    Access Access => Access.All;

    /// <summary>Completes with the reason when the connection is gone; never for drivers in this process.</summary>
    Task<string> Closed { get; }

    /// <summary>Opens a secondary driver of the same connection, or answers declined; then the other modules are asked.</summary>
    /// <typeparam name="T">Its contract: <see cref="INetworkDriver"/>, <see cref="IStorageDriver"/>, ...</typeparam>
    ValueTask<DriverOpening<T>> OpenSecondaryAsync<T>(CancellationToken cancel)
        where T : class, IAsyncDisposable;
}
