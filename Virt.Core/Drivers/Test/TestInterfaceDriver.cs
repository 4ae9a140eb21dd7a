using Virt.Interfaces;

namespace Virt.Drivers.Test;

/// <summary>The network interfaces of a test host.</summary>
internal sealed class TestInterfaceDriver(IReadOnlyList<InterfaceRecord> records) : IInterfaceDriver
{
    public ValueTask<IReadOnlyList<InterfaceRecord>> ListInterfacesAsync(CancellationToken cancel) =>
        cancel.IsCancellationRequested
            ? ValueTask.FromCanceled<IReadOnlyList<InterfaceRecord>>(cancel)
            : ValueTask.FromResult(records);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
