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
        var command = lab.Run(new StartVirtDomainCommand { PassThru = true }, null, Lab.Names("web1", "web2"));
        Assert.Empty(command.Errors);
        Assert.Equal("The domain 'web1' on h1 is already running.", Assert.Single(command.Warnings));
        Assert.Equal(["web1", "web2"], command.NamesOf().Order());
    }

    [Fact]
    public async Task Start_of_what_is_paused_is_an_error()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Run(new StartVirtDomainCommand(), null, Lab.Names("db1")).Error("VirtInvalidState", ErrorCategory.InvalidOperation);
    }

    [Theory]
    [InlineData(false, false, "StartDomain None")]
    [InlineData(true, false, "StartDomain Paused")]
    [InlineData(false, true, "StartDomain ForceBoot")]
    public async Task Start_hands_its_options_on(bool paused, bool force, string call)
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Run(new StartVirtDomainCommand { Paused = paused, ForceBoot = force }, null, Lab.Names("report1"));
        Assert.Contains(call, lab["h1"].Spy.Calls);
    }

    [Fact]
    public async Task Suspend_and_resume_warn_when_there_is_nothing_to_do()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        Assert.Contains("already paused", Assert.Single(lab.Run(new SuspendVirtDomainCommand(), null, Lab.Names("db1")).Warnings),
            StringComparison.Ordinal);
        Assert.Contains("already running",
            Assert.Single(lab.Run(new ResumeVirtDomainCommand(), null, Lab.Names("web1")).Warnings), StringComparison.Ordinal);
        lab.Run(new ResumeVirtDomainCommand(), null, Lab.Names("web2")).Error("VirtInvalidState", ErrorCategory.InvalidOperation);
    }

    [Fact]
    public async Task Rename_changes_the_name_and_refuses_one_that_is_taken()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new RenameVirtDomainCommand { NewName = "www", PassThru = true }, null, Lab.Names("web2"));
        Assert.Equal(["www"], command.NamesOf());
        Assert.Single(lab.Run(new RenameVirtDomainCommand { NewName = "web1" }, null, Lab.Names("www")).Errors);
        Assert.Single(lab.Run(new RenameVirtDomainCommand { NewName = "www" }, null, Lab.Names("www")).Warnings);
    }

    [Fact]
    public async Task Set_sends_only_what_was_given()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(
            new SetVirtDomainCommand { Title = "New", Autostart = true, Scope = ChangeScope.Config }, null, Lab.Names("web2"));
        Assert.Empty(command.Errors);
        Assert.Contains("ChangeDomain Config", lab["h1"].Spy.Calls);
        VirtDomain after = await lab.DomainAsync("web2");
        Assert.Equal(("New", true, 4L << 30), (after.Title, after.Autostart, after.Memory));
    }

    [Fact]
    public async Task Set_without_a_change_ends_at_once()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var error = lab.RunToItsEnd(new SetVirtDomainCommand(), null, Lab.Names("web1"));
        Assert.Equal(("VirtInvalidArgument", ErrorCategory.InvalidArgument), (error.FullyQualifiedErrorId, error.Category));
    }

    [Fact]
    public async Task Set_says_each_change()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = new SetVirtDomainCommand
        {
            Memory = 2L << 30, VCpu = 2, Description = "x", BootOrder = ["cdrom", "hd"], OnCrash = LifecycleAction.Restart,
            Scope = ChangeScope.Both, Confirmed = false,
        };
        lab.Run(command, null, Lab.Names("web1"));
        Assert.Equal(
            "Set memory to 2 GiB, virtual CPUs to 2, description, on crash to Restart, boot order to cdrom, hd of domain 'web1' (Both) on h1",
            Assert.Single(command.Effects));
    }

    [Fact]
    public async Task Remove_of_what_runs_is_an_error_that_says_what_to_do()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var error = lab.Run(new RemoveVirtDomainCommand(), null, Lab.Names("web1"))
            .Error("VirtInvalidState", ErrorCategory.InvalidOperation);
        Assert.Contains("-Force", error.ErrorDetails!.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(DomainState.Running, (await lab.DomainAsync("web1")).State);
    }

    [Fact]
    public async Task Remove_with_Force_turns_it_off_first()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var command = lab.Run(new RemoveVirtDomainCommand { Force = true, PassThru = true }, null, Lab.Names("web1", "report1"));
        Assert.Empty(command.Errors);
        Assert.Equal(["report1", "web1"], command.NamesOf().Order());
        await Assert.ThrowsAsync<VirtNotFoundException>(() => lab.DomainAsync("web1"));
        await Assert.ThrowsAsync<VirtNotFoundException>(() => lab.DomainAsync("report1"));
    }

    [Fact]
    public async Task Remove_takes_saved_state_and_nvram_along_or_keeps_it()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Run(new RemoveVirtDomainCommand(), null, Lab.Names("report1"));
        lab.Run(new RemoveVirtDomainCommand { KeepNvram = true }, null, Lab.Names("web2"));
        Assert.Contains("UndefineDomain ManagedSave, SnapshotsMetadata, Nvram, Tpm", lab["h1"].Spy.Calls);
        Assert.Contains("UndefineDomain ManagedSave, SnapshotsMetadata, KeepNvram, Tpm", lab["h1"].Spy.Calls);
    }

    [Fact]
    public async Task Restart_asks_resets_or_goes_through_off()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Run(new RestartVirtDomainCommand(), null, Lab.Names("web1"));
        lab.Run(new RestartVirtDomainCommand { Force = true }, "Reset", Lab.Names("web1"));
        Assert.Contains("RebootDomain", lab["h1"].Spy.Calls);
        Assert.Contains("ResetDomain", lab["h1"].Spy.Calls);
        int? id = (await lab.DomainAsync("web1")).Id;
        var waited = lab.Run(new RestartVirtDomainCommand { Wait = true, PassThru = true }, "Wait", Lab.Names("web1"));
        var after = Assert.IsType<VirtDomain>(Assert.Single(waited.Output));
        Assert.Equal(DomainState.Running, after.State);
        Assert.NotEqual(id, after.Id);
    }

    [Fact]
    public async Task Restart_that_waits_in_vain_is_a_timeout()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Run(new RestartVirtDomainCommand { Wait = true, TimeoutSec = 0 }, "Wait", Lab.Names("legacy1"))
            .Error("VirtTimeout", ErrorCategory.OperationTimeout);
    }

    [Fact]
    public async Task Progress_counts_and_ends_when_there_are_several()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        var many = lab.Run(new StartVirtDomainCommand(), null, Lab.Names("web2", "report1"));
        Assert.Equal(ProgressRecordType.Completed, many.ProgressRecords.Last().RecordType);
        Assert.Contains(many.ProgressRecords, record => record.StatusDescription == "2 of 2" && record.PercentComplete == 100);
        Assert.Empty(lab.Run(new StopVirtDomainCommand(), null, Lab.Names("web2")).ProgressRecords);
    }

    [Fact]
    public async Task Wait_ends_with_the_event_or_at_once()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Run(new StopVirtDomainCommand { NoWait = true }, "NoWait", Lab.Names("web1"));
        var command = lab.Run(
            new WaitVirtDomainCommand { State = [DomainState.Shutoff], PassThru = true }, null, Lab.Names("web1", "web2"));
        Assert.Empty(command.Errors);
        Assert.Equal(["web1", "web2"], command.NamesOf().Order());
        Assert.Equal(0, lab["h1"].Spy.Subscriptions);
    }

    [Fact]
    public async Task Wait_asks_for_the_state_once_only()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Run(new WaitVirtDomainCommand { State = [DomainState.Paused], TimeoutSec = 0 }, null, Lab.Names("web1"))
            .Error("VirtTimeout", ErrorCategory.OperationTimeout);
        Assert.Single(lab["h1"].Spy.Calls, call => call == "GetDomainByUuid");
    }

    [Fact]
    public async Task Wait_for_a_domain_that_is_removed_is_an_error()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        VirtDomain web2 = await lab.DomainAsync("web2");
        var subscribed = new TaskCompletionSource();
        SpyHypervisor spy = lab["h1"].Spy;
        spy.Before = (call, _) =>
        {
            if (call == "GetDomainByUuid")
                subscribed.TrySetResult();
            return Task.CompletedTask;
        };
        var command = new WaitVirtDomainCommand { State = [DomainState.Running] };
        Task run = Task.Run(() => lab.Run(command, null, [new DomainIdentity(web2)]), TestContext.Current.CancellationToken);
        await subscribed.Task;
        await spy.UndefineDomainAsync(web2.Uuid, UndefineOptions.ManagedSave, TestContext.Current.CancellationToken);
        await run;
        var error = Assert.Single(command.Errors);
        Assert.Equal("VirtDomainNotFound", error.FullyQualifiedErrorId);
    }

    [Fact]
    public async Task Names_that_differ_by_case_only_are_told_apart()
    {
        await using Lab lab = await Lab.WithAsync("h1");
        lab.Run(new NewVirtDomainCommand { Name = "WEB1" });
        var command = lab.Run(new StopVirtDomainCommand { Confirmed = false }, null, Lab.Names("WEB1"));
        Assert.Equal("Leave stopped domain 'WEB1', which is already off, on h1", Assert.Single(command.Effects));
    }
}
