using Virt.NodeDevices;

namespace Virt.Drivers.Test;

/// <summary>The devices of a test host.</summary>
internal sealed class TestNodeDeviceDriver(IReadOnlyList<NodeDeviceRecord> records) : INodeDeviceDriver
{
    public ValueTask<IReadOnlyList<NodeDeviceRecord>> ListNodeDevicesAsync(CancellationToken cancel) =>
        cancel.IsCancellationRequested
            ? ValueTask.FromCanceled<IReadOnlyList<NodeDeviceRecord>>(cancel)
            : ValueTask.FromResult(records);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
