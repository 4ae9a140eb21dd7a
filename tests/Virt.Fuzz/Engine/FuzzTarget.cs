using Virt.Fuzz.Mutation;

namespace Virt.Fuzz.Engine;

/// <summary>
/// A part of Virt that reads what nobody vouches for. One input is one run; runs know nothing of each other, so that an input
/// alone repeats what it found.
/// </summary>
internal abstract class FuzzTarget : IAsyncDisposable
{
    private const long Allowance = 8L << 20;
    private const int BytesPerByte = 512;

    /// <summary>How commands and folders call it.</summary>
    public abstract string Name { get; }

    /// <summary>What is tried, in a line.</summary>
    public abstract string Description { get; }

    /// <summary>Good inputs to start from, beside those of the corpus folder.</summary>
    public abstract IEnumerable<byte[]> Seeds { get; }

    /// <summary>What makes new inputs of old ones.</summary>
    public abstract IReadOnlyList<IMutator> Mutators { get; }

    /// <summary>How many bytes one run may allocate.</summary>
    public virtual long AllocationLimit(int length) => Allowance + (long)BytesPerByte * length;

    /// <summary>How many inputs went which way, where there are several; null where there is one.</summary>
    public virtual string? Shares => null;

    /// <summary>Makes ready what all runs share.</summary>
    public virtual ValueTask PrepareAsync() => ValueTask.CompletedTask;

    /// <summary>Tries an input.</summary>
    /// <returns>What came of it. Inputs that differ in nothing that matters have the same outcome.</returns>
    /// <exception cref="Exception">Any exception is a finding: the ones that Virt documents are outcomes.</exception>
    public abstract ValueTask<string> RunAsync(byte[] input);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
