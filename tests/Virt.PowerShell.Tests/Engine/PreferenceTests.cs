using System.Management.Automation;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

/// <summary>Common parameters and preferences work on the commands as on all others.</summary>
public sealed class PreferenceTests
{
    [Fact]
    public async Task Defaults_of_parameters_are_taken()
    {
        await using Lab lab = await Lab.WithAsync("h1", "h2");
        Outcome outcome = await lab.RunAsync(
            "$PSDefaultParameterValues = @{ 'Get-VirtDomain:All' = $true; '*-Virt*:VirtHost' = 'h2' }; Get-VirtDomain");
        Assert.Equal(7, outcome.Well().Output.Count);
        Assert.All(outcome.Output.Cast<VirtDomain>(), domain => Assert.Equal("h2", domain.VirtHost.Name));
    }

    [Fact]
    public async Task Strict_mode_finds_nothing_amiss()
    {
        await using Lab lab = await Examples.LabAsync();
        (await lab.RunAsync(
            """
            Set-StrictMode -Version Latest
            Get-VirtDomain -All | Out-String | Out-Null
            Get-VirtDisk * | Out-String | Out-Null
            Get-VirtDevice * | Format-List | Out-String | Out-Null
            Get-VirtHost | Format-List | Out-String | Out-Null
            Get-VirtSecret | Format-List | Out-String | Out-Null
            Get-VirtDomain web2 | Start-VirtDomain -PassThru | Stop-VirtDomain
            """)).Well();
        Assert.StartsWith(
            "PropertyNotFoundStrict", (await lab.RunToItsEndAsync("(Get-VirtDomain web1).Nothing")).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Continue", 1, 1)]
    [InlineData("SilentlyContinue", 0, 1)]
    [InlineData("Ignore", 0, 0)]
    public async Task Errors_are_shown_and_kept_as_asked_for(string action, int shown, int kept)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync($"Get-VirtDomain nope, web1 -ErrorAction {action}; $Error.Count");
        Assert.Equal(shown, outcome.Errors.Count);
        Assert.Equal("web1", Assert.IsType<VirtDomain>(outcome.Output[0]).Name);
        Assert.Equal(kept, outcome.Output[1]);
    }

    [Theory]
    [InlineData("Get-VirtDomain nope, web1 -ErrorAction Stop")]
    [InlineData("$ErrorActionPreference = 'Stop'; Get-VirtDomain nope, web1")]
    public async Task Stop_ends_the_script_with_the_error_itself(string script)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        ErrorRecord error = await lab.RunToItsEndAsync($"{script} | Out-Null; 'and on'");
        Assert.Equal("VirtDomainNotFound,Virt.PowerShell.GetVirtDomainCommand", error.FullyQualifiedErrorId);
        Assert.Equal("nope", error.TargetObject);
    }

    [Fact]
    public async Task Stop_ends_the_work_that_is_under_way()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        await lab.RunToItsEndAsync("Stop-VirtDomain legacy1, db1 -TimeoutSec 100000 -ErrorAction Stop");
        await Eventually.TrueAsync(() => lab["h1"].Spy.Subscriptions == 0);
    }

    [Fact]
    public async Task Variables_catch_what_is_written()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync(
            """
            Stop-VirtDomain web1, web2, nope -PassThru -OutVariable o -ErrorVariable e -WarningVariable w -ErrorAction SilentlyContinue `
                -WarningAction SilentlyContinue | Out-Null
            $o.Name -join ','
            $e.FullyQualifiedErrorId
            $w.Message
            """);
        Assert.Equal(
            ["web1,web2", "VirtDomainNotFound,Virt.PowerShell.StopVirtDomainCommand", "The domain 'web2' on h1 is already off."],
            [string.Join(',', ((string)outcome.Output[0]!).Split(',').Order()), outcome.Output[1], outcome.Output[2]]);
        Assert.Empty(outcome.Warnings);
    }

    [Fact]
    public async Task A_warning_can_end_the_script()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        ErrorRecord error = await lab.RunToItsEndAsync("Stop-VirtDomain web2 -WarningAction Stop");
        Assert.Contains("already off", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verbose_and_progress_are_preferences_too()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("$VerbosePreference = 'Continue'; $ProgressPreference = 'SilentlyContinue'; Start-VirtDomain web2, report1");
        Assert.Contains(outcome.VerboseLines, line => line.StartsWith("h1: StartDomain 'web2' took ", StringComparison.Ordinal));
        Assert.DoesNotContain(outcome.Progress, record => record.Activity.Contains("tart", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Output_comes_as_it_is_ready_and_not_at_the_end()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lab.Set("seen", seen);
        // The second waits until the first has left the pipeline.
        int calls = 0;
        lab["h1"].Spy.Before = (call, cancel) =>
            call.StartsWith("StartDomain", StringComparison.Ordinal) && Interlocked.Increment(ref calls) > 1 ? seen.Task.WaitAsync(cancel) : Task.CompletedTask;
        Outcome outcome = await lab.RunAsync("Start-VirtDomain web2, report1 -PassThru | ForEach-Object { [void]$seen.TrySetResult(); $_ }");
        Assert.Equal(2, outcome.Well().Output.Count);
    }
}
