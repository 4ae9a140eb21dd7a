using Virt.Fuzz.Load;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>The short form of the load run: few clients, seconds. The long form is <c>build.ps1 -Task Load</c>.</summary>
public sealed class LoadTests
{
    [Fact]
    public async Task Good_clients_go_on_beside_hostile_ones_and_all_is_given_back()
    {
        var options = new LoadOptions(Clients: 80, Busy: 16, Hostile: 18, TimeSpan.FromSeconds(3));
        LoadReport report = await new LoadRun(VirtdProcess.Command().FileName, options, TestContext.Current.TestOutputHelper!.WriteLine).RunAsync();
        IReadOnlyList<string> broken = report.Broken(options);
        Assert.True(broken.Count == 0, $"{string.Join("\n", broken)}\n{report}");
    }
}
