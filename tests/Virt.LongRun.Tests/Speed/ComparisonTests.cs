using Virt.CodecGuard.Measuring;

namespace Virt.Tests.Core.Speed;

public sealed class ComparisonTests
{
    [Fact]
    public void The_ratio_is_the_median_of_the_pairs_so_one_disturbed_pair_does_not_count()
    {
        Assert.Equal(1.1, Of((100, 100), (100, 110), (100, 900)).TimeRatio, 6);
        Assert.Equal(1.1, Of((900, 100), (100, 110), (100, 120)).TimeRatio, 6);
    }

    [Fact]
    public void Of_an_even_number_of_pairs_it_is_between_the_two_in_the_middle() =>
        Assert.Equal(1.2, Of((100, 100), (100, 110), (100, 130), (100, 500)).TimeRatio, 6);

    [Fact]
    public void Each_pair_is_compared_with_itself_whatever_the_machine_did_between_pairs() =>
        Assert.Equal(2, Of((100, 200), (1000, 2000), (10, 20)).TimeRatio, 6);

    [Fact]
    public void Work_too_short_to_be_measured_is_no_division_by_zero() =>
        Assert.Equal(5, Of((0, 5)).TimeRatio, 6);

    [Fact]
    public void Bytes_are_those_of_one_operation_in_the_best_pair()
    {
        Comparison comparison = new("work", 10, [(new Sample(1, 400), new Sample(1, 640)), (new Sample(1, 320), new Sample(1, 645))]);
        Assert.Equal(32, comparison.BytesBefore);
        Assert.Equal(64, comparison.BytesNow);
    }

    [Fact]
    public void The_least_of_samples_is_taken_of_time_and_of_bytes() =>
        Assert.Equal(new Sample(5, 7), Sample.Least([new Sample(9, 7), new Sample(5, 70), new Sample(6, 8)]));

    private static Comparison Of(params (long Before, long Now)[] times) =>
        new("work", 1, [.. times.Select(pair => (new Sample(pair.Before, 0), new Sample(pair.Now, 0)))]);
}
