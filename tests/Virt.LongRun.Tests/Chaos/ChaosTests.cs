using Virt.Chaos;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>The short form of <c>build.ps1 -Task Chaos</c>.</summary>
public sealed class ChaosTests
{
    [Fact]
    public async Task Killed_at_random_moments_of_work_virtd_loses_nothing_and_leaves_nothing_behind()
    {
        var output = new StringWriter();
        var options = new ChaosOptions(VirtdProcess.Command().FileName, Rounds: 5, Seed: 20, Guests: 4);
        ChaosReport report = await ChaosRun.RunAsync(options, output, TestContext.Current.CancellationToken);
        Assert.True(report.Violations.Count == 0, $"{report}\n{output}");
        Assert.Equal(5, report.Kills);
    }

    [Fact]
    public void A_model_that_is_contradicted_is_noticed()
    {
        var running = new GuestModel(Guid.NewGuid(), "a", "1", Power.Running);
        Assert.False(running.LooksLike(running with { Power = Power.Off }));
        Assert.False(running.LooksLike(running with { Plugged = true }));
        Assert.True((running with { Power = Power.Off, Saved = true, SavedPaused = true, Plugged = true }).LooksLike(running with { Power = Power.Off, Saved = true }));
    }
}
