using System.Globalization;

namespace Virt.Bench.Report;

/// <summary>A bound on one of a row's figures.</summary>
/// <param name="Of">What is bounded.</param>
/// <param name="Limit">The bound.</param>
/// <param name="AtLeast">Whether it is a lower bound; else it is an upper one.</param>
internal sealed record Goal(GoalOf Of, double Limit, bool AtLeast = false)
{
    /// <summary>At most so many times libvirt's.</summary>
    public static Goal Libvirt(double limit) => new(GoalOf.Libvirt, limit);

    /// <summary>At least so many times libvirt's.</summary>
    public static Goal LibvirtAtLeast(double limit) => new(GoalOf.Libvirt, limit, AtLeast: true);

    /// <summary>At most so many times bare QEMU's.</summary>
    public static Goal Bare(double limit) => new(GoalOf.Bare, limit);

    /// <summary>At most so much.</summary>
    public static Goal Itself(double limit) => new(GoalOf.Ours, limit);

    /// <summary>Whether a row keeps it; what could not be measured does not.</summary>
    public bool IsReached(Row row) => Figure(row) is { } figure && (AtLeast ? figure >= Limit : figure <= Limit);

    /// <summary>The figure that is bounded.</summary>
    public double? Figure(Row row) => Of switch
    {
        GoalOf.Libvirt => row.ToLibvirt,
        GoalOf.Bare => row.ToBare,
        _ => row.Ours,
    };

    /// <inheritdoc/>
    public override string ToString() =>
        (AtLeast ? "≥ " : "≤ ") + Limit.ToString(CultureInfo.InvariantCulture) + (Of == GoalOf.Bare ? " of bare" : string.Empty);
}

/// <summary>What a goal bounds.</summary>
internal enum GoalOf
{
    /// <summary>The ratio to libvirt.</summary>
    Libvirt,
    /// <summary>The ratio to bare QEMU.</summary>
    Bare,
    /// <summary>Our own figure.</summary>
    Ours,
}
