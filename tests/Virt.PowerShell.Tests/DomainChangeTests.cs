using System.Management.Automation;
using Virt.Domains;
using Virt.Errors;
using Virt.PowerShell;

namespace Virt.Tests.PowerShell;

public sealed class DomainChangeTests
{
    [Fact]
    public async Task Start_of_what_runs_is_a_warning_and_success()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = (await lab.RunAsync("Start-VirtDomain web1, web2 -PassThru")).Well();
        Assert.Equal("The domain 'web1' on h1 is already running.", Assert.Single(outcome.Warnings));
        Assert.Equal(["web1", "web2"], outcome.DomainNames.Order());
    }

    [Fact]
    public async Task Start_of_what_is_paused_is_an_error()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync("Start-VirtDomain db1")).Error("VirtInvalidState", ErrorCategory.InvalidOperation);
    }

    [Theory]
    [InlineData("", "StartDomain None")]
    [InlineData("-Paused", "StartDomain Paused")]
    [InlineData("-ForceBoot", "StartDomain ForceBoot")]
    public async Task Start_hands_its_options_on(string option, string call)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync($"Start-VirtDomain report1 {option}")).Well();
        Assert.Contains(call, lab["h1"].Spy.Calls);
    }

    [Fact]
    public async Task Suspend_and_resume_warn_when_there_is_nothing_to_do()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Contains("already paused", Assert.Single((await lab.RunAsync("Suspend-VirtDomain db1")).Warnings), StringComparison.Ordinal);
        Assert.Contains("already running", Assert.Single((await lab.RunAsync("Resume-VirtDomain web1")).Warnings), StringComparison.Ordinal);
        (await lab.RunAsync("Resume-VirtDomain web2")).Error("VirtInvalidState", ErrorCategory.InvalidOperation);
    }

    [Fact]
    public async Task Rename_changes_the_name_and_refuses_one_that_is_taken()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Equal(["www"], (await lab.RunAsync("Rename-VirtDomain web2 www -PassThru")).DomainNames);
        Assert.Single((await lab.RunAsync("Rename-VirtDomain www web1")).Errors);
        Assert.Single((await lab.RunAsync("Rename-VirtDomain www www")).Warnings);
    }

    [Fact]
    public async Task Set_sends_only_what_was_given()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync("Set-VirtDomain web2 -Title New -Autostart $true -Scope Config")).Well();
        Assert.Contains("ChangeDomain Config", lab["h1"].Spy.Calls);
        VirtDomain after = await lab.DomainAsync("web2");
        Assert.Equal(("New", true, 4L << 30), (after.Title, after.Autostart, after.Memory));
    }

    [Fact]
    public async Task Set_without_a_change_ends_at_once()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        ErrorRecord error = await lab.RunToItsEndAsync("Set-VirtDomain web1");
        Assert.Equal("VirtInvalidArgument,Virt.PowerShell.SetVirtDomainCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
    }

    [Fact]
    public async Task Set_says_each_change()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync(
            "Set-VirtDomain web1 -Memory 2GB -VCpu 2 -Description x -BootOrder cdrom, hd -OnCrash Restart -Scope Both -WhatIf");
        Assert.Equal(
            "Set memory to 2 GiB, virtual CPUs to 2, description, on crash to Restart, boot order to cdrom, hd of domain 'web1' (Both) on h1",
            Assert.Single(outcome.Effects));
    }

    [Fact]
    public async Task Remove_of_what_runs_is_an_error_that_says_what_to_do()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        ErrorRecord error = (await lab.RunAsync("Remove-VirtDomain web1 -Confirm:$false"))
            .Error("VirtInvalidState", ErrorCategory.InvalidOperation);
        Assert.Contains("-Force", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(DomainState.Running, (await lab.DomainAsync("web1")).State);
    }

    [Fact]
    public async Task Remove_with_Force_turns_it_off_first()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("Remove-VirtDomain web1, report1 -Force -PassThru -Confirm:$false");
        Assert.Equal(["report1", "web1"], outcome.Well().DomainNames.Order());
        await Assert.ThrowsAsync<VirtNotFoundException>(() => lab.DomainAsync("web1"));
        await Assert.ThrowsAsync<VirtNotFoundException>(() => lab.DomainAsync("report1"));
    }

    [Fact]
    public async Task Remove_takes_saved_state_and_nvram_along_or_keeps_it()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync("Remove-VirtDomain report1 -Confirm:$false; Remove-VirtDomain web2 -KeepNvram -Confirm:$false")).Well();
        Assert.Contains("UndefineDomain ManagedSave, SnapshotsMetadata, Nvram, Tpm", lab["h1"].Spy.Calls);
        Assert.Contains("UndefineDomain ManagedSave, SnapshotsMetadata, KeepNvram, Tpm", lab["h1"].Spy.Calls);
    }

    [Fact]
    public async Task Restart_asks_resets_or_goes_through_off()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync("Restart-VirtDomain web1; Restart-VirtDomain web1 -Force")).Well();
        Assert.Contains("RebootDomain", lab["h1"].Spy.Calls);
        Assert.Contains("ResetDomain", lab["h1"].Spy.Calls);
        int? id = (await lab.DomainAsync("web1")).Id;
        VirtDomain after = (await lab.RunAsync("Restart-VirtDomain web1 -Wait -PassThru")).Single<VirtDomain>();
        Assert.Equal(DomainState.Running, after.State);
        Assert.NotEqual(id, after.Id);
    }

    [Fact]
    public async Task Restart_that_waits_in_vain_is_a_timeout()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync("Restart-VirtDomain legacy1 -Wait -TimeoutSec 0")).Error("VirtTimeout", ErrorCategory.OperationTimeout);
    }

    [Fact]
    public async Task Progress_counts_and_ends_when_there_are_several()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome many = (await lab.RunAsync("Start-VirtDomain web2, report1")).Well();
        Assert.Equal(ProgressRecordType.Completed, many.Progress[^1].RecordType);
        Assert.Contains(many.Progress, record => record.StatusDescription == "2 of 2" && record.PercentComplete == 100);
        Assert.Empty((await lab.RunAsync("Stop-VirtDomain web2")).Progress);
    }

    [Fact]
    public async Task Wait_ends_with_the_event_or_at_once()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("Stop-VirtDomain web1 -NoWait; Wait-VirtDomain web1, web2 -State Shutoff -PassThru");
        Assert.Equal(["web1", "web2"], outcome.Well().DomainNames.Order());
        Assert.Equal(0, lab["h1"].Spy.Subscriptions);
    }

    [Fact]
    public async Task Wait_asks_for_the_state_once_only()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        (await lab.RunAsync("Wait-VirtDomain web1 -State Paused -TimeoutSec 0")).Error("VirtTimeout", ErrorCategory.OperationTimeout);
        Assert.Single(lab["h1"].Spy.Calls, call => call == "GetDomainByUuid");
    }

    [Fact]
    public async Task Wait_for_a_domain_that_is_removed_is_an_error()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        VirtDomain web2 = await lab.DomainAsync("web2");
        Task subscribed = lab["h1"].Spy.CallOf("GetDomainByUuid");
        RunningScript running = lab.Set("web2", web2).Start("$web2 | Wait-VirtDomain -State Running");
        await subscribed.WaitAsync(TestContext.Current.CancellationToken);
        await lab["h1"].Spy.UndefineDomainAsync(web2.Uuid, UndefineOptions.ManagedSave, TestContext.Current.CancellationToken);
        (await running.EndAsync()).Error("VirtDomainNotFound", ErrorCategory.ObjectNotFound);
    }

    [Fact]
    public async Task Names_that_differ_by_case_only_are_told_apart()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Outcome outcome = await lab.RunAsync("New-VirtDomain WEB1 | Out-Null; Stop-VirtDomain WEB1 -WhatIf");
        Assert.Equal("Leave stopped domain 'WEB1', which is already off, on h1", Assert.Single(outcome.Effects));
    }
}
