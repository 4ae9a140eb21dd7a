using Virt.Networks;

namespace Virt.Drivers.Test;

/// <summary>The virtual networks of a test host.</summary>
internal sealed class TestNetworkDriver(IReadOnlyList<NetworkRecord> records) : INetworkDriver
{
    public ValueTask<IReadOnlyList<NetworkRecord>> ListNetworksAsync(CancellationToken cancel) =>
        cancel.IsCancellationRequested
            ? ValueTask.FromCanceled<IReadOnlyList<NetworkRecord>>(cancel)
            : ValueTask.FromResult(records);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
