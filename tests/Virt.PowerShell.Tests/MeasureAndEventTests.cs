using System.Management.Automation;
using Virt.Domains;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

public sealed class MeasureAndEventTests
{
    [Fact]
    public async Task One_call_per_reading_for_all_domains_of_a_host()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Equal(8, (await lab.RunAsync("Measure-VirtDomain -IntervalSec 0.1 -Count 2")).Well().Output.Count);
        Assert.Equal(3, lab["h1"].Spy.Calls.Count(call => call == "GetDomainStatistics"));
    }

    [Fact]
    public async Task A_domain_that_is_off_is_a_warning()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("Measure-VirtDomain web1, web2 -IntervalSec 0.1");
        Assert.Equal("web1", outcome.Single<VirtDomainStatistics>().Name);
        Assert.Contains("'web2'", Assert.Single(outcome.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Rates_are_per_second_and_of_all_virtual_CPUs()
    {
        VirtDomainStatistics rates = Rates(Reading(0, 1, 100), Reading(2, 3, 300));
        Assert.Equal(50, rates.CpuPercent!.Value, 6);
        Assert.Equal(100, rates.DiskReadBytesPerSecond!.Value, 6);
        Assert.Equal(0, rates.DiskWriteBytesPerSecond);
        Assert.Null(rates.ReceivedBytesPerSecond);
        Assert.Equal(TimeSpan.FromSeconds(2), rates.Interval);
    }

    [Fact]
    public void Counters_of_another_run_make_no_rate()
    {
        DomainStatistics later = Reading(2, 3, 300);
        VirtDomainStatistics rates = Rates(Reading(0, 1, 100), later with { Domain = later.Domain with { Id = 8 } });
        Assert.Null(rates.CpuPercent);
        Assert.Null(rates.DiskReadBytesPerSecond);
    }

    [Fact]
    public void Counters_that_went_back_make_no_rate() => Assert.Null(Rates(Reading(0, 5, 100), Reading(2, 3, 300)).CpuPercent);

    [Fact]
    public async Task Ctrl_C_ends_a_continuous_measurement()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        RunningScript running = lab.Start("Measure-VirtDomain -IntervalSec 0.1 -Continuous");
        await running.FirstOutputAsync();
        Assert.Empty(running.Stop().Errors);
    }

    [Fact]
    public async Task Events_that_are_wanted_are_raised_until_the_handler_is_taken_away()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        var subscriber = (await lab.RunAsync("Register-VirtEvent web* -Kind Stopped -SourceIdentifier life")).Single<PSEventSubscriber>();
        var source = Assert.IsType<VirtEventSource>(subscriber.SourceObject);
        Assert.NotNull(typeof(VirtEventSource).GetEvent(subscriber.EventName));
        var seen = new System.Collections.Concurrent.ConcurrentQueue<string>();
        EventHandler<VirtDomainEventArgs> handler = (_, happened) => seen.Enqueue($"{happened.VirtHost} {happened}");
        source.Lifecycle += handler;
        (await lab.RunAsync("Stop-VirtDomain web1, test")).Well();
        await Eventually.TrueAsync(() => seen.Count == 2);
        Assert.Equal(["h1 web1: Stopped (Shutdown)", "h2 web1: Stopped (Shutdown)"], seen.Order());
        source.Lifecycle -= handler;
        Assert.Equal(1, lab["h1"].Spy.Subscriptions);
        (await lab.RunAsync("Unregister-Event life")).Well();
        await Eventually.TrueAsync(() => lab["h1"].Spy.Subscriptions == 0 && lab["h2"].Spy.Subscriptions == 0);
    }

    [Fact]
    public async Task A_lost_connection_is_subscribed_to_again()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var source = new VirtEventSource(_ => true);
        await source.OpenAsync(lab.Session.Hosts, TestContext.Current.CancellationToken);
        SpyConnection lost = lab["h1"];
        lost.Break();
        await Eventually.TrueAsync(() => lab["h1"] != lost && lab["h1"].Spy.Subscriptions == 1);
        await source.CloseAsync();
        Assert.Equal(0, lab["h1"].Spy.Subscriptions);
    }

    [Fact]
    public async Task A_host_that_refuses_ends_the_command_and_leaves_no_subscription()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        lab["h2"].Spy.Before = (_, _) => throw new Virt.Errors.VirtException(Virt.Errors.VirtErrorCode.NoSupport, "no events");
        ErrorRecord error = await lab.RunToItsEndAsync("Register-VirtEvent");
        Assert.Equal("VirtNotSupported,Virt.PowerShell.RegisterVirtEventCommand", error.FullyQualifiedErrorId);
        Assert.Equal(0, lab["h1"].Spy.Subscriptions);
    }

    private static VirtDomainStatistics Rates(DomainStatistics before, DomainStatistics now) => new(null!, before, now);

    private static DomainStatistics Reading(int second, int cpuSeconds, long readBytes) => new(
        new DomainRecord(
            "d", Guid.Empty, 7, DomainState.Running, DomainStateReason.Booted, 1, 1, 2, 2, true, false, false, false, null, null,
            DateTimeOffset.UnixEpoch, TimeSpan.Zero, "test", "x86_64", "test"),
        DateTimeOffset.UnixEpoch.AddSeconds(second),
        new CpuStatistics(TimeSpan.FromSeconds(cpuSeconds), TimeSpan.Zero, TimeSpan.Zero),
        null, null, null,
        [new DiskStatistics("vda", "/d", 1, readBytes, TimeSpan.Zero, 1, 50, TimeSpan.Zero, 0, TimeSpan.Zero, null, null, null)]);
}
