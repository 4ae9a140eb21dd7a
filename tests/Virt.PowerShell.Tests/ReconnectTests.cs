using System.Collections.Concurrent;
using System.Management.Automation;
using Virt.Domains;
using Virt.Errors;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

public sealed class ReconnectTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_connection_that_was_opened_again_is_told_once()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab["h1"].Break();
        Outcome outcome = await lab.RunAsync("Get-VirtDomain -All");
        Assert.Equal(
            "The connection to h1 was lost (the daemon went away) and has been opened again.", Assert.Single(outcome.Warnings));
        Assert.Empty((await lab.RunAsync("Get-VirtDomain -All")).Warnings);
    }

    [Fact]
    public async Task A_daemon_that_is_restarting_is_waited_for()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Module.Refusals = 3;
        lab["h1"].Break();
        Assert.Equal(7, (await lab.RunAsync("Get-VirtDomain -All")).Output.Count);
        Assert.Equal((0, 2), (lab.Module.Refusals, lab.Module.Opened));
    }

    [Theory]
    [InlineData(CallOutcome.NotSent)]
    [InlineData(CallOutcome.NoEffect)]
    public async Task A_call_that_did_nothing_is_made_again(CallOutcome outcome)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        BreakDuring(lab["h1"], "ListDomains", outcome);
        Assert.Equal(7, (await lab.RunAsync("Get-VirtDomain -All")).Output.Count);
    }

    [Fact]
    public async Task A_call_that_may_have_been_carried_out_is_not_made_again()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        SpyConnection first = lab["h1"];
        BreakDuring(first, "DestroyDomain", CallOutcome.Unknown);
        ErrorRecord error = (await lab.RunAsync("Stop-VirtDomain web1 -TurnOff")).Error("VirtConnectionLost", ErrorCategory.ConnectionError);
        Assert.Equal(CallOutcome.Unknown, Assert.IsType<VirtConnectionException>(error.Exception).Outcome);
        Assert.DoesNotContain("DestroyDomain", lab["h1"].Spy.Calls.Except(first.Spy.Calls));
        Assert.True((await lab.DomainAsync("web1")).State == DomainState.Running);
    }

    [Fact]
    public async Task A_wait_goes_on_over_a_lost_connection()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        SpyConnection first = lab["h1"];
        first.Spy.Before = (call, _) =>
        {
            // The request arrives, but no event of what it leads to.
            if (call == "ShutdownDomain")
                first.Break();
            return Task.CompletedTask;
        };
        Outcome outcome = (await lab.RunAsync("Stop-VirtDomain web1 -TimeoutSec 100000 -PassThru")).Well();
        Assert.Equal(DomainState.Shutoff, outcome.Single<VirtDomain>().State);
        Assert.Contains(outcome.Warnings, warning => warning.Contains("the wait goes on", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wait_ends_with_an_error_when_the_connection_cannot_be_opened_again()
    {
        await using Lab lab = new();
        lab.Screen.Identify = _ => Made.Credential("ann", "secret");
        (await lab.RunAsync("Connect-VirtHost spy://asks/")).Well();
        SpyConnection first = lab["asks"];
        first.Spy.Before = (call, _) =>
        {
            if (call == "ShutdownDomain")
                first.Break();
            return Task.CompletedTask;
        };
        ErrorRecord error = (await lab.RunAsync("Stop-VirtDomain legacy1 -TimeoutSec 100000"))
            .Error("VirtAuthenticationCancelled", ErrorCategory.AuthenticationError);
        Assert.Contains("lost while waiting", error.ErrorDetails.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_happened_meanwhile_is_raised_as_missed()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var source = new VirtEventSource(_ => true);
        var seen = new ConcurrentQueue<(string, bool)>();
        source.Lifecycle += (_, happened) => seen.Enqueue((happened.ToString(), happened.Missed));
        await source.OpenAsync(lab.Session.Hosts, Cancel);
        SpyConnection first = lab["h1"];
        VirtDomain web1 = await lab.DomainAsync("web1");

        first.Spy.Silent = true;
        await first.Hypervisor.DestroyDomainAsync(web1.Uuid, DestroyOptions.None, Cancel);
        first.Break();
        await Eventually.TrueAsync(() => !seen.IsEmpty && lab["h1"] != first);
        await lab["h1"].Hypervisor.StartDomainAsync(web1.Uuid, StartOptions.None, Cancel);
        await Eventually.TrueAsync(() => seen.Any(one => one.Item1 == "web1: Started (Booted)"));

        Assert.Equal(("web1: Stopped (None)", true), seen.First());
        Assert.All(seen.Skip(1), one => Assert.False(one.Item2));
        await source.CloseAsync();
    }

    private static void BreakDuring(SpyConnection connection, string broken, CallOutcome outcome) =>
        connection.Spy.Before = (call, _) =>
        {
            if (call != broken)
                return Task.CompletedTask;
            connection.Break();
            throw new VirtConnectionException(VirtErrorCode.RpcError, "the connection ended") { Outcome = outcome };
        };
}
