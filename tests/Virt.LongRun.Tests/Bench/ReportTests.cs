using Virt.Bench;
using Virt.Bench.Report;

namespace Virt.Tests.Daemon.Bench;

public sealed class ReportTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData(0.0, "0")]
    [InlineData(0.0051234, "0.0051")]
    [InlineData(0.4218, "0.422")]
    [InlineData(1.2355, "1.24")]
    [InlineData(47.66, "47.7")]
    [InlineData(1418.4, "1,418")]
    public void Figures_have_three_digits(double? value, string text) => Assert.Equal(text, Table.Figure(value));

    [Fact]
    public void Columns_are_aligned() => Assert.Equal(
        ["| work    |  ms |", "| ------- | --: |", "| a       |   1 |", "| another | 200 |"],
        new Table("work", "ms").Add("a", "1").Add("another", "200").Lines());

    [Fact]
    public void The_measured_part_of_a_document_is_replaced_and_the_rest_stays()
    {
        string first = Document.Replace("# Title\n\nBefore.\n", ["| old |"]);
        string second = Document.Replace(first + "\nAfter.\n", ["| new |"]);
        Assert.StartsWith("# Title\n\nBefore.\n", second, StringComparison.Ordinal);
        Assert.EndsWith("\nAfter.\n", second, StringComparison.Ordinal);
        Assert.Contains("| new |", second, StringComparison.Ordinal);
        Assert.DoesNotContain("| old |", second, StringComparison.Ordinal);
    }

    [Fact]
    public void A_median_is_one_that_was_measured()
    {
        var samples = new Samples();
        samples.Add(9, 1, 5);
        Assert.Equal(5, samples.Median);
        samples.Add(100);
        Assert.Equal(9, samples.Median);
        Assert.Throws<BenchException>(() => new Samples().Median);
    }
}
