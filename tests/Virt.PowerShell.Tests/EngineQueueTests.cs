using System.Collections.Concurrent;
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
        (await lab.RunAsync("Register-VirtEvent web1")).Well();
        int seen = 0;
        // The first waits for the others, which would pass it if each had a thread of its own.
        var kinds = Received(lab, _ =>
        {
            if (Interlocked.Increment(ref seen) == 1)
                held.Wait(Cancel);
        });
        (await lab.RunAsync("Stop-VirtDomain web1; Start-VirtDomain web1")).Well();
        Assert.Empty(kinds);
        held.Release();
        await Eventually.TrueAsync(() => kinds.Contains(DomainEventKind.Started));
        Assert.Equal(
            [DomainEventKind.Shutdown, DomainEventKind.Stopped, DomainEventKind.Resumed, DomainEventKind.Started], kinds);
    }

    [Fact]
    public async Task No_more_are_handed_over_than_were_asked_for()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("Register-VirtEvent web1 -Kind Stopped, Started -MaxTriggerCount 1");
        var source = (VirtEventSource)outcome.Single<PSEventSubscriber>().SourceObject;
        var kinds = Received(lab, _ => { });
        var all = new ConcurrentQueue<DomainEventKind>();
        source.Lifecycle += (_, happened) => all.Enqueue(happened.Kind);
        (await lab.RunAsync("Stop-VirtDomain web1; Start-VirtDomain web1")).Well();
        await Eventually.TrueAsync(() => all.Count == 2 && !kinds.IsEmpty);
        Assert.Equal([DomainEventKind.Stopped], kinds);
        Assert.Empty((await lab.RunAsync("Get-EventSubscriber")).Output);
    }

    [Fact]
    public async Task A_receiver_that_fails_does_not_end_the_subscription()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync("Register-VirtEvent -Kind Stopped, Started")).Well();
        var kinds = Received(lab, happened =>
        {
            if (happened.Kind == DomainEventKind.Stopped)
                throw new InvalidOperationException("no");
        });
        (await lab.RunAsync("Stop-VirtDomain web1; Start-VirtDomain web1")).Well();
        await Eventually.TrueAsync(() => kinds.SequenceEqual([DomainEventKind.Started]));
    }

    [Fact]
    public async Task What_waits_when_the_subscription_ends_is_not_handed_over()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        using var held = new SemaphoreSlim(0);
        (await lab.RunAsync("Register-VirtEvent web1 -SourceIdentifier life")).Well();
        var entered = new TaskCompletionSource();
        var kinds = Received(lab, _ =>
        {
            entered.TrySetResult();
            held.Wait(Cancel);
        });
        (await lab.RunAsync("Stop-VirtDomain web1")).Well();
        await entered.Task.WaitAsync(Cancel);
        (await lab.RunAsync("Unregister-Event life")).Well();
        held.Release(2);
        await Eventually.TrueAsync(() => lab["h1"].Spy.Subscriptions == 0 && !kinds.IsEmpty);
        Assert.Equal([DomainEventKind.Shutdown], kinds);
    }

    [Fact]
    public async Task An_action_runs_for_each_event_with_what_it_carries_along()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var seen = new ConcurrentQueue<string>();
        lab.Set("seen", seen);
        (await lab.RunAsync(
            """
            Register-VirtEvent web1 { $seen.Enqueue("$($EventArgs.Domain.Name) $($EventArgs.Kind) $($Event.MessageData)") } `
                -Kind Stopped, Started -MessageData mine
            Stop-VirtDomain web1
            Start-VirtDomain web1
            """)).Well();
        await Eventually.TrueAsync(() => seen.Count == 2);
        Assert.Equal(["web1 Stopped mine", "web1 Started mine"], seen);
    }

    [Fact]
    public async Task A_script_waits_for_an_event_and_finds_it_in_the_queue()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync(
            """
            Register-VirtEvent web1 -Kind Stopped -SourceIdentifier life | Out-Null
            Stop-VirtDomain web1 -NoWait
            $stopped = Wait-Event life
            $stopped.SourceEventArgs
            Get-Event life | Remove-Event
            Unregister-Event life
            """);
        Assert.Equal("web1", outcome.Well().Single<VirtDomainEventArgs>().Domain.Name);
        await Eventually.TrueAsync(() => lab["h1"].Spy.Subscriptions == 0);
    }

    [Theory]
    [InlineData("life", "'life' already")]
    [InlineData("LIFE", "'LIFE' already")]
    [InlineData("PowerShell.Exiting", "PowerShell's own")]
    public async Task A_name_that_is_taken_is_refused_before_anything_is_subscribed(string name, string words)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync("Register-VirtEvent -SourceIdentifier life")).Well();
        ErrorRecord error = await lab.RunToItsEndAsync($"Register-VirtEvent -SourceIdentifier {name}");
        Assert.Equal("VirtInvalidArgument,Virt.PowerShell.RegisterVirtEventCommand", error.FullyQualifiedErrorId);
        Assert.Contains(words, error.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Equal(1, lab["h1"].Spy.Subscriptions);
    }

    /// <summary>The kinds that the engine puts into its queue; it calls for each before it goes on.</summary>
    private static ConcurrentQueue<DomainEventKind> Received(Lab lab, Action<VirtDomainEventArgs> receiving)
    {
        var kinds = new ConcurrentQueue<DomainEventKind>();
        lab.Runspace.Events.ReceivedEvents.PSEventReceived += (_, received) =>
        {
            // The engine has events of its own.
            if (received.SourceEventArgs is not VirtDomainEventArgs happened)
                return;
            receiving(happened);
            kinds.Enqueue(happened.Kind);
        };
        return kinds;
    }
}
