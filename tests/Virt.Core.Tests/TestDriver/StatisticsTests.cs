using Virt.Domains;

namespace Virt.Tests.Core.TestDriver;

public sealed class StatisticsTests
{
    [Fact]
    public async Task Counters_grow_with_the_time_the_guest_runs()
    {
        await using HostFixture host = await HostFixture.DefaultAsync();
        DomainStatistics before = await ReadAsync(host, "test");

        host.Time.Advance(TimeSpan.FromMinutes(10));
        DomainStatistics after = await ReadAsync(host, "test");

        Assert.True(after.Cpu!.Time > before.Cpu!.Time);
        Assert.Equal(after.Cpu.Time, after.Cpu.User + after.Cpu.System);
        Assert.Equal(after.Cpu.Time, after.Domain.CpuTime);
        Assert.Equal(2, after.VCpus!.Count);
        Assert.True(Assert.Single(after.Interfaces!).RxBytes > before.Interfaces![0].RxBytes);
        Assert.True(Assert.Single(after.Disks!).WriteRequests > before.Disks![0].WriteRequests);
        Assert.Equal(("vda", "/guest/diskimage1", "testnet0"), (after.Disks![0].Name, after.Disks[0].Path, after.Interfaces![0].Name));
        Assert.Equal(TimeSpan.FromMinutes(10), after.Timestamp - before.Timestamp);
    }

    [Fact]
    public async Task Counters_stand_still_while_the_guest_is_paused_and_begin_anew_with_each_run()
    {
        await using HostFixture host = await HostFixture.DefaultAsync();
        Guid test = await host.UuidAsync("test");
        host.Time.Advance(TimeSpan.FromMinutes(10));
        await host.Driver.SuspendDomainAsync(test, HostFixture.Cancel);
        TimeSpan paused = (await host.FindAsync("test")).CpuTime;

        host.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.True(paused > TimeSpan.Zero);
        Assert.Equal(paused, (await host.FindAsync("test")).CpuTime);

        Assert.Equal(TimeSpan.Zero, (await host.Driver.DestroyDomainAsync(test, DestroyOptions.None, HostFixture.Cancel)).CpuTime);
        DomainRecord again = await host.Driver.StartDomainAsync(test, StartOptions.None, HostFixture.Cancel);
        Assert.Equal((TimeSpan.Zero, host.Time.GetUtcNow()), (again.CpuTime, again.StartedAt));
    }

    [Fact]
    public async Task Only_the_groups_asked_for_are_there_and_none_when_off()
    {
        await using HostFixture host = await HostFixture.DefaultAsync();

        DomainStatistics some = await ReadAsync(host, "test", StatisticsGroups.Balloon | StatisticsGroups.Block);
        DomainStatistics off = await ReadAsync(host, "web2");

        Assert.Equal(2L << 30, some.Balloon?.Current);
        Assert.NotNull(some.Disks);
        Assert.True(some.Cpu is null && some.VCpus is null && some.Interfaces is null);
        Assert.True(off.Cpu is null && off.Balloon is null && off.VCpus is null && off.Interfaces is null && off.Disks is null);
        Assert.Equal(DomainState.Shutoff, off.Domain.State);
    }

    private static async Task<DomainStatistics> ReadAsync(HostFixture host, string name, StatisticsGroups groups = StatisticsGroups.All) =>
        Assert.Single(await host.Driver.GetDomainStatisticsAsync(new DomainFilter(Names: [name]), groups, HostFixture.Cancel));
}
