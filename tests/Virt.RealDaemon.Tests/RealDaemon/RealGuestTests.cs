using System.Diagnostics;
using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>The whole way: remote driver, real virtd, real QEMU, a Linux that boots.</summary>
public sealed class RealGuestTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_guest_boots_answers_and_shuts_itself_down_through_acpi()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(connection, daemon.Root, "linux1");
        await using EventRecorder events = await EventRecorder.StartAsync(connection.Hypervisor, guest.Uuid);

        await guest.BootAsync();
        DomainRecord running = await connection.Hypervisor.GetDomainByNameAsync("linux1", Cancel);
        Assert.Equal((DomainState.Running, DomainStateReason.Unpaused), (running.State, running.Reason));
        Assert.True(running.Id > 0);
        Assert.Equal("pong", await guest.AskAsync("ping"));

        await connection.Hypervisor.ShutdownDomainAsync(guest.Uuid, ShutdownMode.Acpi, Cancel);
        (IReadOnlyList<string> seen, DomainLifecycleEvent last) = await events.UntilAsync(DomainEventKind.Stopped);

        Assert.Equal(["Started/Booted", "Suspended/Paused", "Resumed/Unpaused", "Shutdown/Guest", "Stopped/Shutdown"], seen);
        Assert.Equal((DomainState.Shutoff, DomainStateReason.Shutdown, null), (last.Domain.State, last.Domain.Reason, last.Domain.Id));
    }

    [Fact]
    public async Task A_suspended_guest_goes_on_where_it_was_and_a_saved_one_too()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(connection, daemon.Root, "linux2");
        IHypervisorDriver hypervisor = connection.Hypervisor;
        await guest.BootAsync();

        Assert.Equal(DomainState.Paused, (await hypervisor.SuspendDomainAsync(guest.Uuid, Cancel)).State);
        Assert.Equal(DomainState.Running, (await hypervisor.ResumeDomainAsync(guest.Uuid, Cancel)).State);
        Assert.Equal("pong", await guest.AskAsync("ping"));

        DomainRecord saved = await hypervisor.SaveDomainAsync(guest.Uuid, Cancel);
        Assert.Equal((DomainState.Shutoff, DomainStateReason.Saved, true), (saved.State, saved.Reason, saved.HasSavedState));
        Assert.Empty(GuestProcesses.Below(daemon.Root));
        guest.Disconnect();
        DomainRecord restored = await hypervisor.StartDomainAsync(guest.Uuid, StartOptions.None, Cancel);
        Assert.Equal((DomainState.Running, DomainStateReason.Restored, false), (restored.State, restored.Reason, restored.HasSavedState));
        Assert.Equal("pong", await guest.AskAsync("ping"));
        await hypervisor.DestroyDomainAsync(guest.Uuid, DestroyOptions.None, Cancel);
    }

    [Fact]
    public async Task A_qemu_that_is_killed_shows_at_once_as_crashed()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(connection, daemon.Root, "linux3");
        await connection.Hypervisor.StartDomainAsync(guest.Uuid, StartOptions.None, Cancel);
        await using EventRecorder events = await EventRecorder.StartAsync(connection.Hypervisor, guest.Uuid);

        GuestProcesses.KillBelow(daemon.Root);
        (IReadOnlyList<string> seen, DomainLifecycleEvent last) = await events.UntilAsync(DomainEventKind.Stopped);

        Assert.Equal(["Stopped/Failed"], seen);
        Assert.Equal((DomainState.Shutoff, DomainStateReason.Crashed), (last.Domain.State, last.Domain.Reason));
    }

    [Fact]
    public async Task Twenty_guests_outlive_a_killed_daemon_with_their_ids_and_work()
    {
        const int Guests = 20;
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        Dictionary<string, int?> before;
        int[] processes;
        await using (VirtConnection connection = await daemon.ConnectAsync())
        {
            DomainRecord[] started = await Task.WhenAll(Enumerable.Range(0, Guests).Select(i => StartFirmwareAsync(connection.Hypervisor, $"fw{i:00}")));
            before = started.ToDictionary(domain => domain.Name, domain => domain.Id);
            processes = [.. GuestProcesses.Below(daemon.Root).Order()];
            Assert.Equal(Guests, processes.Length);
            await daemon.KillAsync();
        }

        await daemon.StartAgainAsync();
        await using VirtConnection again = await daemon.ConnectAsync();
        IHypervisorDriver hypervisor = again.Hypervisor;
        IReadOnlyList<DomainRecord> after = await hypervisor.ListDomainsAsync(new DomainFilter(Active: true), Cancel);

        Assert.Equal(before, after.ToDictionary(domain => domain.Name, domain => domain.Id));
        Assert.Equal(processes, GuestProcesses.Below(daemon.Root).Order());
        Assert.All(after, domain => Assert.Equal(DomainState.Running, domain.State));
        await Task.WhenAll(after.Select(async domain =>
        {
            Assert.Equal(DomainState.Paused, (await hypervisor.SuspendDomainAsync(domain.Uuid, Cancel)).State);
            Assert.Equal(DomainState.Running, (await hypervisor.ResumeDomainAsync(domain.Uuid, Cancel)).State);
            Assert.Equal(DomainState.Shutoff, (await hypervisor.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, Cancel)).State);
        }));
        Assert.Empty(GuestProcesses.Below(daemon.Root));
    }

    [Fact]
    public async Task What_changed_while_the_daemon_was_away_is_seen_when_it_is_back()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        Guid uuid;
        await using (VirtConnection connection = await daemon.ConnectAsync())
        {
            uuid = (await StartFirmwareAsync(connection.Hypervisor, "gone")).Uuid;
            await daemon.KillAsync();
        }

        GuestProcesses.KillBelow(daemon.Root);
        await daemon.StartAgainAsync();
        await using VirtConnection again = await daemon.ConnectAsync();
        DomainRecord domain = await again.Hypervisor.GetDomainByUuidAsync(uuid, Cancel);

        Assert.Equal((DomainState.Shutoff, null), (domain.State, domain.Id));
        Assert.Equal(DomainState.Running, (await again.Hypervisor.StartDomainAsync(uuid, StartOptions.None, Cancel)).State);
    }

    [Fact]
    public async Task A_stuck_guest_holds_neither_the_list_nor_another_guest()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        IHypervisorDriver hypervisor = connection.Hypervisor;
        DomainRecord stuck = await StartFirmwareAsync(hypervisor, "stuck");
        int process = Assert.Single(GuestProcesses.Below(daemon.Root));
        using (Process stop = Process.Start("kill", ["-STOP", $"{process}"])!)
            await stop.WaitForExitAsync(Cancel);

        Task<DomainRecord> suspending = hypervisor.SuspendDomainAsync(stuck.Uuid, Cancel).AsTask();
        DomainRecord other = await StartFirmwareAsync(hypervisor, "other");
        Assert.Equal(2, (await hypervisor.ListDomainsAsync(DomainFilter.All, Cancel)).Count);
        Assert.Equal(2, (await hypervisor.GetDomainStatisticsAsync(DomainFilter.All, StatisticsGroups.All, Cancel)).Count);
        await hypervisor.DestroyDomainAsync(other.Uuid, DestroyOptions.None, Cancel);

        using (Process go = Process.Start("kill", ["-CONT", $"{process}"])!)
            await go.WaitForExitAsync(Cancel);
        Exception? outcome = await Record.ExceptionAsync(() => suspending);
        Assert.True(outcome is null or VirtException { Code: VirtErrorCode.OperationTimeout }, outcome?.ToString());
        await hypervisor.DestroyDomainAsync(stuck.Uuid, DestroyOptions.None, Cancel);
    }

    private static async Task<DomainRecord> StartFirmwareAsync(IHypervisorDriver hypervisor, string name)
    {
        DomainRecord domain = await hypervisor.DefineDomainAsync(
            $"""
            <domain type='qemu'><name>{name}</name><memory unit='MiB'>32</memory><vcpu>1</vcpu>
            <os><type arch='x86_64' machine='q35'>hvm</type></os><devices><memballoon model='none'/></devices></domain>
            """,
            DefineOptions.None, Cancel);
        return await hypervisor.StartDomainAsync(domain.Uuid, StartOptions.None, Cancel);
    }
}
