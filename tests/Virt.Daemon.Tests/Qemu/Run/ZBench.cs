using System.Diagnostics;
using Virt.Domains;
using Xunit;
namespace Virt.Tests.Daemon.Qemu.Run;
public sealed class ZBench
{
    [Fact]
    public async Task Bench()
    {
        if (Environment.GetEnvironmentVariable("BENCH") is null) return;
        var c = TestContext.Current.CancellationToken;
        await using var q = await QemuFixture.StartAsync();
        var o = Console.Out;
        void Say(string s) => File.AppendAllText("/tmp/q/bench.txt", s + "\n");
        long t = Stopwatch.GetTimestamp();
        for (int i = 0; i < 1000; i++) await q.DefineAsync($"vm{i}", "<memballoon model='virtio'/>" + new string(' ', 2000));
        Say($"define {Stopwatch.GetElapsedTime(t).TotalMilliseconds / 1000:0.00} ms");
        GC.Collect();
        Say($"managed {GC.GetTotalMemory(true) >> 10} KiB rss {Environment.WorkingSet >> 20} MiB");
        for (int k = 0; k < 5; k++) { t = Stopwatch.GetTimestamp(); var l = await q.Driver.ListDomainsAsync(DomainFilter.All, c); Say($"list {l.Count} {Stopwatch.GetElapsedTime(t).TotalMilliseconds:0.00} ms"); }
        for (int k = 0; k < 5; k++) { t = Stopwatch.GetTimestamp(); var l = await q.Driver.GetDomainStatisticsAsync(DomainFilter.All, StatisticsGroups.All, c); Say($"stats {l.Count} {Stopwatch.GetElapsedTime(t).TotalMilliseconds:0.00} ms"); }
        var d = await q.Driver.GetDomainByNameAsync("vm1", c);
        for (int k = 0; k < 12; k++)
        {
            t = Stopwatch.GetTimestamp(); await q.Driver.StartDomainAsync(d.Uuid, StartOptions.Paused, c);
            double s = Stopwatch.GetElapsedTime(t).TotalMilliseconds;
            t = Stopwatch.GetTimestamp(); await q.Driver.DestroyDomainAsync(d.Uuid, DestroyOptions.None, c);
            Say($"start {s:0.0} destroy {Stopwatch.GetElapsedTime(t).TotalMilliseconds:0.0} ms");
        }
        var all = await q.Driver.ListDomainsAsync(DomainFilter.All, c);
        t = Stopwatch.GetTimestamp();
        await Task.WhenAll(all.Take(50).Select(x => q.Driver.StartDomainAsync(x.Uuid, StartOptions.Paused, c).AsTask()));
        Say($"start 50 {Stopwatch.GetElapsedTime(t).TotalMilliseconds:0.0} ms");
        t = Stopwatch.GetTimestamp(); var st = await q.Driver.GetDomainStatisticsAsync(DomainFilter.All, StatisticsGroups.All, c); Say($"stats 50 running {Stopwatch.GetElapsedTime(t).TotalMilliseconds:0.00} ms");
        t = Stopwatch.GetTimestamp();
        await Task.WhenAll(all.Take(50).Select(x => q.Driver.DestroyDomainAsync(x.Uuid, DestroyOptions.None, c).AsTask()));
        Say($"destroy 50 {Stopwatch.GetElapsedTime(t).TotalMilliseconds:0.0} ms");
        t = Stopwatch.GetTimestamp(); await q.RestartAsync(); Say($"restart with 1000 {Stopwatch.GetElapsedTime(t).TotalMilliseconds:0.0} ms");
        GC.Collect(); Say($"managed {GC.GetTotalMemory(true) >> 10} KiB rss {Environment.WorkingSet >> 20} MiB");
    }
}
