using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

/// <summary>Several runspaces in one process, what ends in them, and what ends with them.</summary>
public sealed class RunspaceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_runspace_has_its_own_hosts()
    {
        await using Lab one = await Lab.WithAsync("h1");
        await using Lab two = await Lab.WithAsync("h2");
        Assert.Equal("h1", (await one.RunAsync("Get-VirtHost")).Single<VirtHost>().Name);
        Assert.Equal("h2", (await two.RunAsync("Get-VirtHost")).Single<VirtHost>().Name);
        (await one.RunAsync("Disconnect-VirtHost")).Well();
        Assert.True(two.Host("h2").Connected);
    }

    [Fact]
    public async Task Many_runspaces_work_side_by_side()
    {
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int here = 0;
        string[][] names = await Task.WhenAll(Enumerable.Range(0, 6).Select(number => Task.Run(
            async () =>
            {
                await using Lab lab = await Lab.WithAsync($"n{number}");
                lab["n" + number].Spy.Before = (call, cancel) =>
                {
                    if (call != "ListDomains")
                        return Task.CompletedTask;
                    // None goes on before all are in the middle of their pipelines.
                    if (Interlocked.Increment(ref here) == 6)
                        all.SetResult();
                    return all.Task.WaitAsync(cancel);
                };
                Outcome outcome = (await lab.RunAsync("Get-VirtDomain web1 | Stop-VirtDomain -PassThru")).Well();
                return outcome.Output.Cast<VirtDomain>().Select(domain => $"{domain.VirtHost.Name}/{domain.Name}").ToArray();
            },
            Cancel)));
        Assert.Equal(Enumerable.Range(0, 6).Select(number => $"n{number}/web1"), names.SelectMany(one => one));
    }

    [Fact]
    public async Task A_runspace_that_closes_closes_its_connections()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync("Register-VirtEvent")).Well();
        lab.Runspace.Close();
        await Eventually.TrueAsync(() => lab["h1"].Disposed && lab["h1"].Spy.Subscriptions == 0);
    }

    [Fact]
    public async Task A_module_that_is_removed_ends_events_and_connections()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Type cleanup = typeof(VirtCommand).Assembly.GetExportedTypes().Single(type => type.IsAssignableTo(typeof(IModuleAssemblyCleanup)));
        Outcome outcome = await lab.Set("cleanup", Activator.CreateInstance(cleanup)).RunAsync(
            """
            Register-VirtEvent | Out-Null
            $web1 = Get-VirtDomain web1
            $cleanup.OnRemove($null)
            @(Get-EventSubscriber).Count
            $web1.VirtHost.Connected
            """);
        Assert.Equal([0, false], outcome.Well().Output);
        Assert.Equal(0, lab["h1"].Spy.Subscriptions);
    }

    [Fact]
    public async Task The_first_command_of_a_runspace_begins_its_session()
    {
        var program = new LabHost();
        using Runspace runspace = Engine.Open(program);
        Outcome outcome = await new RunningScript(runspace, program.Screen, "Connect-VirtHost test:///default; Get-VirtHost").EndAsync();
        Assert.Same(outcome.Well().Output[0], outcome.Output[1]);
        var host = Assert.IsType<VirtHost>(outcome.Output[0]);
        runspace.Close();
        await Eventually.TrueAsync(() => !host.Connected);
    }

    [Theory]
    [InlineData("Get-VirtDomain", "ListDomains")]
    [InlineData("Get-VirtHost", "GetHost")]
    [InlineData("Get-VirtDisk *", "ListDomainDevices")]
    [InlineData("Start-VirtDomain web2", "StartDomain None")]
    [InlineData("New-VirtDomain n1", "DefineDomain")]
    [InlineData("Measure-VirtDomain", "GetDomainStatistics")]
    [InlineData("Test-VirtHost", "GetHostCapabilities")]
    [InlineData("Register-VirtEvent", "SubscribeDomainEvents")]
    public async Task Ctrl_C_ends_a_call_that_hangs(string script, string call)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var hanging = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lab["h1"].Spy.Before = async (made, cancel) =>
        {
            if (made != call)
                return;
            hanging.TrySetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancel);
            }
            finally
            {
                cancelled.TrySetResult();
            }
        };
        RunningScript running = lab.Start(script + "; 'and on'");
        await hanging.Task.WaitAsync(Cancel);
        Outcome outcome = running.Stop();
        Assert.DoesNotContain("and on", outcome.Output);
        Assert.Empty(outcome.Errors);
        await cancelled.Task.WaitAsync(Cancel);
    }
}
