using System.Management.Automation;
using Virt.Domains;
using Virt.Errors;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

public sealed class StopVirtDomainTests
{
    [Fact]
    public async Task Waits_until_the_guest_is_off_on_one_subscription_that_it_ends()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new StopVirtDomainCommand { PassThru = true }, null, Lab.Names("web1"), Lab.Names("test"));
        Assert.Empty(command.Errors);
        Assert.Equal(["test", "web1"], command.NamesOf().Order());
        Assert.All(command.Output.Cast<VirtDomain>(), domain => Assert.Equal(DomainState.Shutoff, domain.State));
        Assert.Single(lab["h1"].Spy.Calls, call => call == "SubscribeDomainEvents");
        Assert.Equal(0, lab["h1"].Spy.Subscriptions);
    }

    [Fact]
    public async Task Writes_nothing_without_PassThru()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Empty(lab.Run(new StopVirtDomainCommand(), null, Lab.Names("web1")).Output);
    }

    [Fact]
    public async Task All_guests_are_asked_before_the_first_has_answered()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var allAsked = new TaskCompletionSource();
        int asked = 0;
        lab["h1"].Spy.Before = (call, cancel) =>
        {
            if (call != "ShutdownDomain")
                return Task.CompletedTask;
            if (Interlocked.Increment(ref asked) == 2)
                allAsked.SetResult();
            return allAsked.Task.WaitAsync(cancel);
        };
        var command = lab.Run(new StopVirtDomainCommand { PassThru = true }, null, Lab.Names("web1"), Lab.Names("test"));
        Assert.Equal(2, command.Output.Count);
    }

    [Fact]
    public async Task ThrottleLimit_bounds_the_calls_under_way()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab["h1"].Spy.Before = async (_, _) => await Task.Yield();
        var names = new StopVirtDomainCommand { ThrottleLimit = 1, TurnOff = true };
        lab.Run(names, "TurnOff", Lab.Names("web1", "test", "legacy1", "db1"));
        Assert.Equal(1, lab["h1"].Spy.MostAtOnce);
    }

    [Fact]
    public async Task A_guest_that_does_not_hear_is_an_error_when_the_time_is_up()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new StopVirtDomainCommand { TimeoutSec = 0 }, null, Lab.Names("legacy1"));
        var error = command.Error("VirtTimeout", ErrorCategory.OperationTimeout);
        Assert.Equal("legacy1", error.TargetObject);
        Assert.Contains("-Force", error.ErrorDetails!.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(DomainState.Running, (await lab.DomainAsync("legacy1")).State);
    }

    [Fact]
    public async Task Force_turns_it_off_when_the_time_is_up()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(
            new StopVirtDomainCommand { TimeoutSec = 0, Force = true, PassThru = true }, null, Lab.Names("legacy1"));
        Assert.Empty(command.Errors);
        Assert.Equal(DomainStateReason.Destroyed, Assert.IsType<VirtDomain>(Assert.Single(command.Output)).Reason);
    }

    [Fact]
    public async Task Force_does_not_turn_off_a_guest_that_shuts_down_in_time()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Run(new StopVirtDomainCommand { Force = true }, null, Lab.Names("web1"));
        Assert.DoesNotContain("DestroyDomain", lab["h1"].Spy.Calls);
    }

    [Fact]
    public async Task Already_off_is_a_warning()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new StopVirtDomainCommand(), null, Lab.Names("web2"));
        Assert.Empty(command.Errors);
        Assert.Equal("The domain 'web2' on h1 is already off.", Assert.Single(command.Warnings));
    }

    [Fact]
    public async Task A_paused_guest_cannot_shut_down_and_the_error_says_what_to_do()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var error = lab.Run(new StopVirtDomainCommand(), null, Lab.Names("db1"))
            .Error("VirtInvalidState", ErrorCategory.InvalidOperation);
        Assert.Contains("paused", error.ErrorDetails!.Message, StringComparison.Ordinal);
        Assert.Contains("esume", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoWait_only_asks()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new StopVirtDomainCommand { NoWait = true, PassThru = true }, "NoWait", Lab.Names("legacy1"));
        Assert.Equal(DomainState.Running, Assert.IsType<VirtDomain>(Assert.Single(command.Output)).State);
        Assert.DoesNotContain("SubscribeDomainEvents", lab["h1"].Spy.Calls);
    }

    [Fact]
    public async Task Save_makes_a_managed_save()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Run(new StopVirtDomainCommand { Save = true }, "Save", Lab.Names("web1"));
        Assert.True((await lab.DomainAsync("web1")).HasSavedState);
    }

    [Theory]
    [InlineData("Shutdown", false, "Shut down running domain 'web1' on h1")]
    [InlineData("Shutdown", true, "Shut down running domain 'web1', or turn it off after 60 s, on h1")]
    [InlineData("TurnOff", false, "Turn off running domain 'web1' on h1")]
    [InlineData("Save", false, "Save the memory of and turn off running domain 'web1' on h1")]
    public async Task WhatIf_says_the_effect_and_Force_does_not_skip_it(string set, bool force, string effect)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new StopVirtDomainCommand { Confirmed = false, Force = force }, set, Lab.Names("web1"));
        Assert.Equal(effect, Assert.Single(command.Effects));
        Assert.Equal(DomainState.Running, (await lab.DomainAsync("web1")).State);
    }

    [Fact]
    public async Task Ctrl_C_ends_the_wait_at_once_and_the_subscription_too()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = new StopVirtDomainCommand { TimeoutSec = 100_000 };
        var asked = new TaskCompletionSource();
        lab["h1"].Spy.Before = (call, _) =>
        {
            if (call == "ShutdownDomain")
                asked.TrySetResult();
            return Task.CompletedTask;
        };
        Task run = Task.Run(() => lab.Run(command, null, Lab.Names("legacy1")), TestContext.Current.CancellationToken);
        await asked.Task.WaitAsync(TestContext.Current.CancellationToken);
        command.DoStop();
        await Assert.ThrowsAsync<PipelineStoppedException>(() => run);
        await Eventually.TrueAsync(() => lab["h1"].Spy.Subscriptions == 0);
        Assert.Empty(command.Errors);
    }

    [Fact]
    public async Task A_pipeline_that_ends_early_ends_the_work()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = new StopVirtDomainCommand
        {
            TimeoutSec = 100_000, PassThru = true, OnOutput = _ => throw new InvalidOperationException("enough"),
        };
        Assert.Throws<InvalidOperationException>(() => lab.Run(command, null, Lab.Names("legacy1", "web1")));
        Assert.True(command.StopToken.IsCancellationRequested);
    }

    [Fact]
    public async Task An_object_is_stopped_on_its_own_host_only()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        VirtDomain second = await lab.DomainAsync("web1", "h2");
        lab.Run(new StopVirtDomainCommand(), null, [new DomainIdentity(second)]);
        Assert.Equal(DomainState.Running, (await lab.DomainAsync("web1", "h1")).State);
        Assert.Equal(DomainState.Shutoff, (await lab.DomainAsync("web1", "h2")).State);
    }

    [Fact]
    public async Task An_object_of_a_host_that_VirtHost_does_not_name_is_an_error()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        VirtDomain second = await lab.DomainAsync("web1", "h2");
        var command = lab.Run(
            new StopVirtDomainCommand { VirtHost = [new HostIdentity("h1")] }, null, [new DomainIdentity(second)]);
        Assert.Same(second, command.Error("VirtInvalidArgument", ErrorCategory.InvalidArgument).TargetObject);
        Assert.DoesNotContain("ShutdownDomain", lab["h2"].Spy.Calls);
    }

    [Fact]
    public async Task One_failure_does_not_stop_the_others()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new StopVirtDomainCommand { PassThru = true }, null, Lab.Names("db1", "web1"));
        Assert.Equal("db1", Assert.Single(command.Errors).TargetObject);
        Assert.Equal(["web1"], command.NamesOf());
    }

    [Fact]
    public async Task The_same_domain_named_twice_is_stopped_once()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new StopVirtDomainCommand(), null, Lab.Names("web1", "web*"), Lab.Names("WEB1"));
        Assert.Equal(2, lab["h1"].Spy.Calls.Count(call => call == "ShutdownDomain"));
        Assert.Single(command.Warnings);
    }

    [Fact]
    public async Task Read_only_connections_deny_it()
    {
        await using Lab lab = new();
        await lab.Session.ConnectAsync(
            new ConnectRequest("spy://h1/", ReadOnly: true), Virt.Connections.ConnectAuth.None,
            TestContext.Current.CancellationToken);
        var command = lab.Run(new StopVirtDomainCommand(), null, Lab.Names("web1"));
        var error = Assert.Single(command.Errors);
        Assert.IsType<VirtAccessDeniedException>(error.Exception);
        Assert.Equal(ErrorCategory.PermissionDenied, error.Category);
    }
}
