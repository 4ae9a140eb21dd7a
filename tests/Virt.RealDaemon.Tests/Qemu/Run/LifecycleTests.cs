using Virt.Domains;
using Virt.Errors;
using Xunit;

namespace Virt.Tests.Daemon.Qemu.Run;

public sealed class LifecycleTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_pause_resume_reset_and_destroy_go_through_libvirts_states_and_events()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord started = await qemu.StartAsync("web");
        Assert.Equal((DomainState.Running, DomainStateReason.Booted), (started.State, started.Reason));
        Assert.True(started.Id > 0);
        Assert.NotNull(started.StartedAt);

        DomainRecord paused = await qemu.Driver.SuspendDomainAsync(started.Uuid, Cancel);
        Assert.Equal((DomainState.Paused, DomainStateReason.User), (paused.State, paused.Reason));
        await qemu.Driver.SuspendDomainAsync(started.Uuid, Cancel);
        await qemu.Driver.ResetDomainAsync(started.Uuid, Cancel);
        DomainRecord resumed = await qemu.Driver.ResumeDomainAsync(started.Uuid, Cancel);
        Assert.Equal((DomainState.Running, DomainStateReason.Unpaused), (resumed.State, resumed.Reason));
        await qemu.Driver.ResetDomainAsync(started.Uuid, Cancel);

        DomainRecord off = await qemu.Driver.DestroyDomainAsync(started.Uuid, DestroyOptions.None, Cancel);
        Assert.Equal((DomainState.Shutoff, DomainStateReason.Destroyed, null), (off.State, off.Reason, off.Id));
        Assert.Equal(
            ["Defined/Added", "Resumed/Unpaused", "Started/Booted", "Suspended/Paused", "Resumed/Unpaused", "Shutdown/Host", "Stopped/Destroyed"],
            qemu.EventNames);
        Assert.Equal("autostarted", Path.GetFileName(Assert.Single(Directory.EnumerateFileSystemEntries(qemu.Folders.Run))));
    }

    [Fact]
    public async Task A_paused_start_stays_before_the_first_instruction()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord started = await qemu.StartAsync("web", StartOptions.Paused);
        Assert.Equal((DomainState.Paused, DomainStateReason.User), (started.State, started.Reason));
        Assert.Equal(["Defined/Added", "Started/Booted", "Suspended/Paused"], qemu.EventNames);
        qemu.ForgetEvents();
        await qemu.Driver.DestroyDomainAsync(started.Uuid, DestroyOptions.Graceful, Cancel);
        Assert.Equal(["Shutdown/Host", "Stopped/Destroyed"], qemu.EventNames);
    }

    [Fact]
    public async Task A_killed_qemu_is_known_as_crashed_and_a_terminated_one_as_shut_down()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord one = await qemu.StartAsync("one");
        Signals.Send(qemu.PidOf(one), Signals.Kill);
        DomainRecord dead = (await qemu.WaitForAsync(DomainEventKind.Stopped, DomainEventDetail.Failed)).Domain;
        Assert.Equal((DomainState.Shutoff, DomainStateReason.Crashed), (dead.State, dead.Reason));

        DomainRecord two = await qemu.StartAsync("two");
        Signals.Send(qemu.PidOf(two), Signals.Terminate);
        DomainRecord ended = (await qemu.WaitForAsync(DomainEventKind.Stopped, DomainEventDetail.Shutdown)).Domain;
        Assert.Equal((DomainState.Shutoff, DomainStateReason.Shutdown), (ended.State, ended.Reason));
        Assert.Contains("Shutdown/Host", qemu.EventNames);
    }

    [Fact]
    public async Task Ids_grow()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord first = await qemu.StartAsync("a", StartOptions.Paused);
        DomainRecord second = await qemu.StartAsync("b", StartOptions.Paused);
        await qemu.Driver.DestroyDomainAsync(first.Uuid, DestroyOptions.None, Cancel);
        DomainRecord again = await qemu.Driver.StartDomainAsync(first.Uuid, StartOptions.Paused, Cancel);
        Assert.True(first.Id < second.Id && second.Id < again.Id);
        Assert.Equal("b", (await qemu.Driver.GetDomainByIdAsync(second.Id!.Value, Cancel)).Name);
    }

    [Fact]
    public async Task Fifty_guests_start_and_end_side_by_side()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord[] started = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => qemu.StartAsync($"vm{i}", StartOptions.Paused)));
        Assert.All(started, domain => Assert.Equal(DomainState.Paused, domain.State));
        Assert.Equal(50, started.Select(domain => domain.Id).Distinct().Count());
        DomainRecord[] off = await Task.WhenAll(
            started.Select(domain => qemu.Driver.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, Cancel).AsTask()));
        Assert.All(off, domain => Assert.Equal(DomainStateReason.Destroyed, domain.Reason));
    }

    [Fact]
    public async Task A_stopped_qemu_is_a_timeout_for_itself_and_can_be_turned_off()
    {
        await using QemuFixture qemu = await QemuFixture.StartAsync();
        DomainRecord stuck = await qemu.StartAsync("stuck");
        DomainRecord well = await qemu.StartAsync("well");
        Signals.Send(qemu.PidOf(stuck), Signals.Stop);
        Task<DomainRecord> waiting = qemu.Driver.SuspendDomainAsync(stuck.Uuid, Cancel).AsTask();
        await qemu.Driver.SuspendDomainAsync(well.Uuid, Cancel);
        IReadOnlyList<DomainStatistics> statistics = await qemu.Driver.GetDomainStatisticsAsync(DomainFilter.All, StatisticsGroups.All, Cancel);
        Assert.Equal(["stuck", "well"], statistics.Select(s => s.Domain.Name));
        Assert.NotNull(statistics[0].Cpu);
        Assert.Null(statistics[0].VCpus);
        Assert.NotNull(statistics[1].VCpus);
        Assert.False(waiting.IsCompleted);
        DomainRecord off = await qemu.Driver.DestroyDomainAsync(stuck.Uuid, DestroyOptions.None, Cancel);
        Assert.Equal(DomainStateReason.Destroyed, off.Reason);
        await Assert.ThrowsAnyAsync<VirtException>(() => waiting);
    }
}
