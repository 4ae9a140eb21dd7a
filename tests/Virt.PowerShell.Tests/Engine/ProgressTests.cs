using System.Management.Automation;

namespace Virt.Tests.PowerShell;

/// <summary>Progress as a host shows it.</summary>
public sealed class ProgressTests
{
    [Theory]
    [InlineData("Start-VirtDomain web2, report1, 'build box'", 3)]
    [InlineData("Stop-VirtDomain web1, test -TurnOff", 2)]
    [InlineData("Suspend-VirtDomain web1, test", 2)]
    [InlineData("Remove-VirtDomain web2, report1 -Confirm:$false", 2)]
    [InlineData("Restart-VirtDomain web1, test", 2)]
    public async Task It_counts_up_to_all_and_ends(string script, int count)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        ProgressRecord[] progress = [.. (await lab.RunAsync(script)).Well().Progress.Where(record => record.ActivityId == 0)];
        Assert.NotEmpty(Assert.Single(progress.Select(record => record.Activity).Distinct()));
        Assert.Equal(ProgressRecordType.Completed, progress[^1].RecordType);
        ProgressRecord[] counting = progress[..^1];
        Assert.All(counting, record => Assert.Equal(ProgressRecordType.Processing, record.RecordType));
        Assert.Contains(counting, record => record.StatusDescription == $"{count} of {count}" && record.PercentComplete == 100);
        Assert.All(counting, record => Assert.InRange(record.PercentComplete, 0, 100));
    }

    [Fact]
    public async Task It_ends_when_something_fails()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("Start-VirtDomain web2, db1");
        Assert.Single(outcome.Errors);
        Assert.Equal(ProgressRecordType.Completed, outcome.Progress[^1].RecordType);
        Assert.Contains(outcome.Progress, record => record.StatusDescription == "2 of 2");
    }

    [Fact]
    public async Task What_was_not_agreed_to_is_not_counted()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Screen.Choose = question => question.Contains("web2", StringComparison.Ordinal) ? "Yes" : "No";
        Outcome outcome = (await lab.RunAsync("Start-VirtDomain web2, report1 -Confirm")).Well();
        Assert.Equal(2, outcome.Questions.Count);
        Assert.DoesNotContain(outcome.Progress, record => record.StatusDescription.Contains(" of 2", StringComparison.Ordinal));
    }
}
