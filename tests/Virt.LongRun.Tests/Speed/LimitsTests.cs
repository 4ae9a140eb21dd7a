using Virt.CodecGuard.Measuring;

namespace Virt.Tests.Core.Speed;

public sealed class LimitsTests
{
    private static readonly Limits Limits = new(TimeRatio: 1.5, BytesRatio: 1.1, MoreBytes: 8);

    [Theory]
    [InlineData(500, false)]
    [InlineData(1000, false)]
    [InlineData(1500, false)]
    [InlineData(1501, true)]
    [InlineData(10_000, true)]
    public void Time_is_too_long_above_the_limit_not_at_it(long now, bool fails) =>
        Assert.Equal(fails, Limits.Judge(Of(new Sample(1000, 0), new Sample(now, 0))) is not null);

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(0, 8, false)]
    [InlineData(0, 9, true)]
    [InlineData(1000, 1108, false)]
    [InlineData(1000, 1109, true)]
    [InlineData(1000, 10, false)]
    public void Bytes_are_too_many_above_the_limit_not_at_it(long before, long now, bool fails) =>
        Assert.Equal(fails, Limits.Judge(Of(new Sample(1000, before), new Sample(1000, now))) is not null);

    [Fact]
    public void What_is_wrong_is_said_with_figures()
    {
        Assert.Contains("1.60 times", Limits.Judge(Of(new Sample(1000, 0), new Sample(1600, 0))), StringComparison.Ordinal);
        Assert.Contains("64 bytes, 40 before", Limits.Judge(Of(new Sample(1000, 40), new Sample(1000, 64))), StringComparison.Ordinal);
    }

    private static Comparison Of(Sample before, Sample now) => new("work", 1, [(before, now)]);
}
