using System.Management.Automation;
using Virt.Connections;
using Virt.Domains;
using Virt.Errors;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

public sealed class StopVirtDomainTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Waits_until_the_guest_is_off_on_one_subscription_that_it_ends()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = (await lab.RunAsync("'web1', 'test' | Stop-VirtDomain -PassThru")).Well();
        Assert.Equal(["test", "web1"], outcome.DomainNames.Order());
        Assert.All(outcome.Output.Cast<VirtDomain>(), domain => Assert.Equal(DomainState.Shutoff, domain.State));
        Assert.Single(lab["h1"].Spy.Calls, call => call == "SubscribeDomainEvents");
        Assert.Equal(0, lab["h1"].Spy.Subscriptions);
    }

    [Fact]
    public async Task Writes_nothing_without_PassThru()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Empty((await lab.RunAsync("Stop-VirtDomain web1")).Well().Output);
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
        Assert.Equal(2, (await lab.RunAsync("'web1', 'test' | Stop-VirtDomain -PassThru")).Output.Count);
    }

    [Fact]
    public async Task ThrottleLimit_bounds_the_calls_under_way()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab["h1"].Spy.Before = async (_, _) => await Task.Yield();
        (await lab.RunAsync("Stop-VirtDomain web1, test, legacy1, db1 -TurnOff -ThrottleLimit 1")).Well();
        Assert.Equal(1, lab["h1"].Spy.MostAtOnce);
    }

    [Fact]
    public async Task A_guest_that_does_not_hear_is_an_error_when_the_time_is_up()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("Stop-VirtDomain legacy1 -TimeoutSec 0");
        ErrorRecord error = outcome.Error("VirtTimeout", ErrorCategory.OperationTimeout);
        Assert.Equal("legacy1", error.TargetObject);
        Assert.Contains("-Force", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(DomainState.Running, (await lab.DomainAsync("legacy1")).State);
    }

    [Fact]
    public async Task Force_turns_it_off_when_the_time_is_up()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("Stop-VirtDomain legacy1 -TimeoutSec 0 -Force -PassThru");
        Assert.Equal(DomainStateReason.Destroyed, outcome.Well().Single<VirtDomain>().Reason);
    }

    [Fact]
    public async Task Force_does_not_turn_off_a_guest_that_shuts_down_in_time()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync("Stop-VirtDomain web1 -Force")).Well();
        Assert.DoesNotContain("DestroyDomain", lab["h1"].Spy.Calls);
    }

    [Fact]
    public async Task Already_off_is_a_warning()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = (await lab.RunAsync("Stop-VirtDomain web2")).Well();
        Assert.Equal("The domain 'web2' on h1 is already off.", Assert.Single(outcome.Warnings));
    }

    [Fact]
    public async Task A_paused_guest_cannot_shut_down_and_the_error_says_what_to_do()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        ErrorRecord error = (await lab.RunAsync("Stop-VirtDomain db1")).Error("VirtInvalidState", ErrorCategory.InvalidOperation);
        Assert.Contains("paused", error.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Contains("esume", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoWait_only_asks()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("Stop-VirtDomain legacy1 -NoWait -PassThru");
        Assert.Equal(DomainState.Running, outcome.Single<VirtDomain>().State);
        Assert.DoesNotContain("SubscribeDomainEvents", lab["h1"].Spy.Calls);
    }

    [Fact]
    public async Task Save_makes_a_managed_save()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync("Stop-VirtDomain web1 -Save")).Well();
        Assert.True((await lab.DomainAsync("web1")).HasSavedState);
    }

    [Theory]
    [InlineData("", "Shut down running domain 'web1' on h1")]
    [InlineData("-Force", "Shut down running domain 'web1', or turn it off after 60 s, on h1")]
    [InlineData("-TurnOff", "Turn off running domain 'web1' on h1")]
    [InlineData("-Save", "Save the memory of and turn off running domain 'web1' on h1")]
    public async Task WhatIf_says_the_effect_and_Force_does_not_skip_it(string how, string effect)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Equal(effect, Assert.Single((await lab.RunAsync($"Stop-VirtDomain web1 {how} -WhatIf")).Effects));
        Assert.Equal(DomainState.Running, (await lab.DomainAsync("web1")).State);
    }

    [Fact]
    public async Task Ctrl_C_ends_the_wait_at_once_and_the_subscription_too()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Task asked = lab["h1"].Spy.CallOf("ShutdownDomain");
        RunningScript running = lab.Start("Stop-VirtDomain legacy1 -TimeoutSec 100000");
        await asked.WaitAsync(Cancel);
        Outcome outcome = running.Stop();
        await Eventually.TrueAsync(() => lab["h1"].Spy.Subscriptions == 0);
        Assert.Empty(outcome.Errors);
    }

    [Fact]
    public async Task A_pipeline_that_ends_early_ends_the_work()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("Stop-VirtDomain legacy1, web1 -TimeoutSec 100000 -PassThru | Select-Object -First 1");
        Assert.Equal(["web1"], outcome.Well().DomainNames);
        await Eventually.TrueAsync(() => lab["h1"].Spy.Subscriptions == 0);
        Assert.Equal(DomainState.Running, (await lab.DomainAsync("legacy1")).State);
    }

    [Fact]
    public async Task An_object_is_stopped_on_its_own_host_only()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        (await lab.RunAsync("Get-VirtDomain web1 -VirtHost h2 | Stop-VirtDomain")).Well();
        Assert.Equal(DomainState.Running, (await lab.DomainAsync("web1", "h1")).State);
        Assert.Equal(DomainState.Shutoff, (await lab.DomainAsync("web1", "h2")).State);
    }

    [Fact]
    public async Task An_object_of_a_host_that_VirtHost_does_not_name_is_an_error()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        VirtDomain second = await lab.DomainAsync("web1", "h2");
        Outcome outcome = await lab.Set("second", second).RunAsync("$second | Stop-VirtDomain -VirtHost h1");
        Assert.Same(second, outcome.Error("VirtInvalidArgument", ErrorCategory.InvalidArgument).TargetObject);
        Assert.DoesNotContain("ShutdownDomain", lab["h2"].Spy.Calls);
    }

    [Fact]
    public async Task One_failure_does_not_stop_the_others()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("'db1', 'web1' | Stop-VirtDomain -PassThru");
        Assert.Equal("db1", Assert.Single(outcome.Errors).TargetObject);
        Assert.Equal(["web1"], outcome.DomainNames);
    }

    [Fact]
    public async Task The_same_domain_named_twice_is_stopped_once()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("@('web1', 'web*'), 'WEB1' | Stop-VirtDomain");
        Assert.Equal(2, lab["h1"].Spy.Calls.Count(call => call == "ShutdownDomain"));
        Assert.Single(outcome.Warnings);
    }

    [Fact]
    public async Task Read_only_connections_deny_it()
    {
        await using Lab lab = new();
        await lab.Session.ConnectAsync(new ConnectRequest("spy://h1/", ReadOnly: true), ConnectAuth.None, Cancel);
        ErrorRecord error = Assert.Single((await lab.RunAsync("Stop-VirtDomain web1")).Errors);
        Assert.IsType<VirtAccessDeniedException>(error.Exception);
        Assert.Equal(ErrorCategory.PermissionDenied, error.CategoryInfo.Category);
    }
}
