using System.Management.Automation;
using Virt.Domains;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

/// <summary>Events reach the engine in their order, and only those that were asked for.</summary>
public sealed class EngineQueueTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_do_not_overtake_each_other()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        using var held = new SemaphoreSlim(0);
        RegisterVirtEventCommand command = lab.Run(new RegisterVirtEventCommand { Name = ["web1"] });
        int seen = 0;
        // The first waits for the others, which would pass it if each had a thread of its own.
        command.Events.Receiving = _ =>
        {
            if (Interlocked.Increment(ref seen) == 1)
                held.Wait(Cancel);
        };
        lab.Run(new StopVirtDomainCommand(), null, Lab.Names("web1"));
        lab.Run(new StartVirtDomainCommand(), null, Lab.Names("web1"));
        Assert.Empty(command.Events.ReceivedEvents);
        held.Release();
        await Eventually.TrueAsync(() => Kinds(command).Contains(DomainEventKind.Started));
        Assert.Equal(
            [DomainEventKind.Shutdown, DomainEventKind.Stopped, DomainEventKind.Resumed, DomainEventKind.Started], Kinds(command));
    }

    [Fact]
    public async Task No_more_are_handed_over_than_were_asked_for()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        RegisterVirtEventCommand command = lab.Run(
            new RegisterVirtEventCommand { Name = ["web1"], Kind = [DomainEventKind.Stopped, DomainEventKind.Started], MaxTriggerCount = 1 });
        var source = (VirtEventSource)Assert.Single(command.Events.Subscribers).SourceObject;
        var all = new System.Collections.Concurrent.ConcurrentQueue<DomainEventKind>();
        source.Lifecycle += (_, happened) => all.Enqueue(happened.Kind);
        lab.Run(new StopVirtDomainCommand(), null, Lab.Names("web1"));
        lab.Run(new StartVirtDomainCommand(), null, Lab.Names("web1"));
        await Eventually.TrueAsync(() => all.Count == 2 && !command.Events.ReceivedEvents.IsEmpty);
        Assert.Equal([DomainEventKind.Stopped], Kinds(command));
    }

    [Fact]
    public async Task A_receiver_that_fails_does_not_end_the_subscription()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        RegisterVirtEventCommand command = lab.Run(new RegisterVirtEventCommand { Kind = [DomainEventKind.Stopped, DomainEventKind.Started] });
        command.Events.Receiving = happened =>
        {
            if (((VirtDomainEventArgs)happened.SourceEventArgs!).Kind == DomainEventKind.Stopped)
                throw new InvalidOperationException("no");
        };
        lab.Run(new StopVirtDomainCommand(), null, Lab.Names("web1"));
        lab.Run(new StartVirtDomainCommand(), null, Lab.Names("web1"));
        await Eventually.TrueAsync(() => Kinds(command).SequenceEqual([DomainEventKind.Started]));
    }

    [Fact]
    public async Task What_waits_when_the_subscription_ends_is_not_handed_over()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        using var held = new SemaphoreSlim(0);
        RegisterVirtEventCommand command = lab.Run(new RegisterVirtEventCommand { Name = ["web1"] });
        PSEventSubscriber subscriber = Assert.Single(command.Events.Subscribers);
        var entered = new TaskCompletionSource();
        command.Events.Receiving = _ =>
        {
            entered.TrySetResult();
            held.Wait(Cancel);
        };
        lab.Run(new StopVirtDomainCommand(), null, Lab.Names("web1"));
        await entered.Task.WaitAsync(Cancel);
        command.Events.UnsubscribeEvent(subscriber);
        held.Release(2);
        await Eventually.TrueAsync(() => lab["h1"].Spy.Subscriptions == 0 && !command.Events.ReceivedEvents.IsEmpty);
        Assert.Equal([DomainEventKind.Shutdown], Kinds(command));
    }

    [Theory]
    [InlineData("life", "'life' already")]
    [InlineData("LIFE", "'LIFE' already")]
    [InlineData("PowerShell.Exiting", "PowerShell's own")]
    public async Task A_name_that_is_taken_is_refused_before_anything_is_subscribed(string name, string words)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        PSEventManager engine = lab.Run(new RegisterVirtEventCommand { SourceIdentifier = "life" }).Events;
        var error = lab.RunToItsEnd(new RegisterVirtEventCommand { SourceIdentifier = name, Events = engine });
        Assert.Equal("VirtInvalidArgument", error.FullyQualifiedErrorId);
        Assert.Contains(words, error.ErrorDetails!.Message, StringComparison.Ordinal);
        Assert.Equal(1, lab["h1"].Spy.Subscriptions);
    }

    private static IEnumerable<DomainEventKind> Kinds(RegisterVirtEventCommand command) =>
        command.Events.ReceivedEvents.Select(received => ((VirtDomainEventArgs)received.SourceEventArgs!).Kind);
}
