using Virt.Bench.Report;

namespace Virt.Tests.Daemon.Bench;

public sealed class GoalTests
{
    [Theory]
    [InlineData(0.60, true)]
    [InlineData(0.61, false)]
    public void A_ratio_to_libvirt_is_bounded_from_above(double ours, bool reached) =>
        Assert.Equal(reached, new Row("work", "ms", ours, 1.0, null, Goal.Libvirt(0.6)).Reached);

    [Theory]
    [InlineData(3.0, true)]
    [InlineData(2.9, false)]
    public void Or_from_below(double ours, bool reached) =>
        Assert.Equal(reached, new Row("work", "1/s", ours, 1.0, null, Goal.LibvirtAtLeast(3)).Reached);

    [Fact]
    public void Every_goal_of_a_row_counts()
    {
        Row row = new("start", "ms", 80, 440, 40, Goal.Libvirt(0.2), Goal.Bare(1.6));
        Assert.True(row.Goals[0].IsReached(row));
        Assert.False(row.Goals[1].IsReached(row));
        Assert.False(row.Reached);
    }

    [Fact]
    public void What_was_not_measured_is_not_reached() => Assert.False(new Row("work", "ms", 1, null, null, Goal.Libvirt(1)).Reached);

    [Fact]
    public void A_row_without_a_goal_misses_none() => Assert.True(new Row("work", "ms", 1, null, null).Reached);

    [Fact]
    public void Rows_that_miss_are_counted()
    {
        Outcome outcome = new([new Row("good", "ms", 1, 2, null, Goal.Libvirt(1)), new Row("bad", "ms", 3, 2, null, Goal.Libvirt(1))], []);
        Assert.Equal(1, outcome.Missed);
        Assert.Contains(outcome.Lines(), line => line.Contains("bad", StringComparison.Ordinal) && line.Contains("MISSED", StringComparison.Ordinal));
        Assert.Contains("1 goals reached, 1 missed", outcome.Lines().First(), StringComparison.Ordinal);
    }
}
