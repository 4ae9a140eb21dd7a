using Virt.Domains;

namespace Virt.Tests.Core.TestDriver;

public sealed class EventTests
{
    [Fact]
    public async Task Every_subscriber_gets_every_event_with_the_domain_as_it_was_then()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);
        var seen = new List<string>();
        await using IAsyncDisposable subscription = await host.Driver.SubscribeDomainEventsAsync(
            happened => seen.Add($"{happened.Kind}:{happened.Domain.State}"), HostFixture.Cancel);

        await host.Driver.StartDomainAsync(Conditions.Uuid, StartOptions.None, HostFixture.Cancel);
        await host.Driver.SuspendDomainAsync(Conditions.Uuid, HostFixture.Cancel);
        await host.Driver.DestroyDomainAsync(Conditions.Uuid, DestroyOptions.None, HostFixture.Cancel);

        Assert.Equal(["Resumed:Running", "Started:Running", "Suspended:Paused", "Shutdown:Shutdown", "Stopped:Shutoff"], seen);
        Assert.Equal(5, (await host.TakeAsync(5)).Count);
    }

    [Fact]
    public async Task After_its_end_a_subscription_is_silent()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Running);
        int calls = 0;
        IAsyncDisposable subscription = await host.Driver.SubscribeDomainEventsAsync(_ => calls++, HostFixture.Cancel);
        await host.Driver.SuspendDomainAsync(Conditions.Uuid, HostFixture.Cancel);

        await subscription.DisposeAsync();
        await subscription.DisposeAsync();
        await host.Driver.ResumeDomainAsync(Conditions.Uuid, HostFixture.Cancel);

        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_closed_connection_hears_nothing_more()
    {
        await using HostFixture host = await HostFixture.DefaultAsync();
        var second = await host.ConnectAsync("test:///default");
        int calls = 0;
        await second.Hypervisor.SubscribeDomainEventsAsync(_ => calls++, HostFixture.Cancel);

        await second.DisposeAsync();
        await host.Driver.StartDomainAsync(await host.UuidAsync("web2"), StartOptions.None, HostFixture.Cancel);

        Assert.Equal(0, calls);
    }

    [Fact]
    public async Task A_handler_may_call_back_and_a_handler_that_throws_harms_nobody()
    {
        await using HostFixture host = await Conditions.HostAsync(Condition.Off);
        await host.Driver.SubscribeDomainEventsAsync(_ => throw new InvalidOperationException("broken"), HostFixture.Cancel);
        Task? answer = null;
        await host.Driver.SubscribeDomainEventsAsync(
            happened =>
            {
                if (happened.Kind == DomainEventKind.Started)
                    answer = host.Driver.SuspendDomainAsync(happened.Domain.Uuid, HostFixture.Cancel).AsTask();
            },
            HostFixture.Cancel);

        await host.Driver.StartDomainAsync(Conditions.Uuid, StartOptions.None, HostFixture.Cancel);
        await answer!;

        Assert.Equal("Resumed/Unpaused Started/Booted Suspended/Paused", host.Drain());
    }
}
