using Virt.Streams;

namespace Virt.Tests.Core.Contract;

/// <summary>A stream on which nothing happens.</summary>
internal sealed class IdleStream : VirtStream
{
    public override ValueTask FinishAsync(CancellationToken cancel) => ValueTask.CompletedTask;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(0);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
}
