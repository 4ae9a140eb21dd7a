namespace Virt.Bench.Report;

/// <summary>One row of the side by side.</summary>
/// <param name="Work">What was done.</param>
/// <param name="Unit">What ours, libvirt's and bare QEMU's are in.</param>
/// <param name="Ours">Virt's figure.</param>
/// <param name="Libvirt">libvirt's; null where it has none.</param>
/// <param name="Bare">Bare QEMU's; null where it has none.</param>
/// <param name="Goals">What was to be reached.</param>
internal sealed record Row(string Work, string Unit, double Ours, double? Libvirt, double? Bare, params IReadOnlyList<Goal> Goals)
{
    /// <summary>Ours to libvirt's.</summary>
    public double? ToLibvirt => Ours / Libvirt;

    /// <summary>Ours to bare QEMU's.</summary>
    public double? ToBare => Ours / Bare;

    /// <summary>Whether every goal is reached.</summary>
    public bool Reached => Goals.All(goal => goal.IsReached(this));
}
