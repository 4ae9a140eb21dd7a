using Virt.Work;

namespace Virt.MicroBench;

/// <summary>A workload under its name, as tables show it.</summary>
public sealed record CodecCase(IWorkload Workload)
{
    /// <inheritdoc/>
    public override string ToString() => Workload.Name;
}
