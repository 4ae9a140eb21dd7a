using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;
using Virt.Tests.Daemon.Qemu.Run;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>Guests that do not answer, are killed, or cannot be reached: what each means for itself, and that it means nothing for others.</summary>
public sealed class StuckGuestTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stopped_qemu_answers_nothing_itself_delays_nobody_and_goes_on_when_it_is_continued()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        IHypervisorDriver host = connection.Hypervisor;
        DomainRecord stuck = await StartAsync(host, "stuck");
        int pid = Assert.Single(GuestProcesses.Below(daemon.Root));
        DomainRecord other = await StartAsync(host, "other");
        Signals.Send(pid, Signals.Stop);

        // Every call that needs its monitor ends and says whose did not answer.
        Task<DomainRecord>[] calls =
        [
            host.SuspendDomainAsync(stuck.Uuid, Cancel).AsTask(), host.ResetDomainAsync(stuck.Uuid, Cancel).AsTask(),
            host.SaveDomainAsync(stuck.Uuid, Cancel).AsTask(), host.ShutdownDomainAsync(stuck.Uuid, ShutdownMode.Acpi, Cancel).AsTask(),
        ];

        // The others' are not in the way of it, and what is known without the monitor is told.
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(2, (await host.ListDomainsAsync(DomainFilter.All, Cancel)).Count);
            IReadOnlyList<DomainStatistics> statistics = await host.GetDomainStatisticsAsync(DomainFilter.All, StatisticsGroups.All, Cancel);
            Assert.NotNull(statistics.Single(entry => entry.Domain.Name == "other").VCpus);
            DomainStatistics silent = statistics.Single(entry => entry.Domain.Name == "stuck");
            Assert.NotNull(silent.Cpu);
            Assert.Null(silent.VCpus);
        }

        Assert.Equal(DomainState.Paused, (await host.SuspendDomainAsync(other.Uuid, Cancel)).State);
        foreach (Task<DomainRecord> call in calls)
        {
            var late = await Assert.ThrowsAsync<VirtException>(() => call);
            Assert.Equal(VirtErrorCode.OperationTimeout, late.Code);
            Assert.Contains("'stuck'", late.Message, StringComparison.Ordinal);
            Assert.NotNull(late.RecommendedAction);
        }

        Signals.Send(pid, Signals.Continue);
        // It may have been told to pause before it was found to be stopped: its word counts.
        DomainRecord after = await host.GetDomainByUuidAsync(stuck.Uuid, Cancel);
        if (after.State == DomainState.Running)
            after = await host.SuspendDomainAsync(stuck.Uuid, Cancel);
        Assert.Equal(DomainState.Paused, after.State);
        Assert.Equal(DomainState.Running, (await host.ResumeDomainAsync(stuck.Uuid, Cancel)).State);

        Signals.Send(pid, Signals.Stop);
        Assert.Equal(DomainState.Shutoff, (await host.DestroyDomainAsync(stuck.Uuid, DestroyOptions.None, Cancel)).State);
        Assert.Single(GuestProcesses.Below(daemon.Root));
    }

    [Fact]
    public async Task A_guest_that_is_stopped_when_virtd_starts_is_listed_at_once_and_taken_over_when_it_goes_on()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        Guid uuid;
        int pid;
        await using (VirtConnection connection = await daemon.ConnectAsync())
        {
            uuid = (await StartAsync(connection.Hypervisor, "stuck")).Uuid;
            pid = Assert.Single(GuestProcesses.Below(daemon.Root));
        }

        await daemon.KillAsync();
        Signals.Send(pid, Signals.Stop);
        await daemon.StartAgainAsync();
        await using VirtConnection again = await daemon.ConnectAsync();
        Assert.Equal(DomainState.Running, (await again.Hypervisor.GetDomainByUuidAsync(uuid, Cancel)).State);
        Task<DomainRecord> suspending = again.Hypervisor.SuspendDomainAsync(uuid, Cancel).AsTask();
        Signals.Send(pid, Signals.Continue);
        Assert.Equal(DomainState.Paused, (await suspending).State);
        Assert.Equal(DomainState.Running, (await again.Hypervisor.ResumeDomainAsync(uuid, Cancel)).State);
    }

    [Theory]
    [InlineData("save")]
    [InlineData("suspend")]
    [InlineData("attach")]
    [InlineData("shutdown")]
    public async Task A_qemu_that_is_killed_under_a_call_ends_the_call_and_the_run(string call)
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        await using VirtConnection connection = await daemon.ConnectAsync();
        IHypervisorDriver host = connection.Hypervisor;
        DomainRecord guest = await StartAsync(host, "victim");
        int pid = Assert.Single(GuestProcesses.Below(daemon.Root));
        await using EventRecorder events = await EventRecorder.StartAsync(host, guest.Uuid);
        Signals.Send(pid, Signals.Stop);
        Task working = call switch
        {
            "save" => host.SaveDomainAsync(guest.Uuid, Cancel).AsTask(),
            "suspend" => host.SuspendDomainAsync(guest.Uuid, Cancel).AsTask(),
            "attach" => host.AttachDeviceAsync(guest.Uuid, "<input type='tablet' bus='usb'/>", ChangeScope.Live, Cancel).AsTask(),
            _ => host.ShutdownDomainAsync(guest.Uuid, ShutdownMode.Acpi, Cancel).AsTask(),
        };
        // Long enough under way to be in it: a call that follows is answered.
        await host.ListDomainsAsync(DomainFilter.All, Cancel);
        Signals.Send(pid, Signals.Kill);
        await events.UntilAsync(DomainEventKind.Stopped);
        await Assert.ThrowsAnyAsync<VirtException>(() => working);

        DomainRecord after = await host.GetDomainByUuidAsync(guest.Uuid, Cancel);
        Assert.Equal((DomainState.Shutoff, DomainStateReason.Crashed, false), (after.State, after.Reason, after.HasSavedState));
        Assert.Empty(Directory.GetFiles(Path.Combine(daemon.Root, "var/lib/virt/qemu/save")));
        Assert.Equal(DomainState.Running, (await host.StartDomainAsync(guest.Uuid, StartOptions.None, Cancel)).State);
    }

    [Fact]
    public async Task A_monitor_socket_that_is_gone_leaves_a_guest_that_runs_and_can_be_turned_off()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        Guid uuid;
        await using (VirtConnection connection = await daemon.ConnectAsync())
            uuid = (await StartAsync(connection.Hypervisor, "mute")).Uuid;
        await daemon.KillAsync();
        File.Delete(Path.Combine(daemon.Root, $"run/virt/qemu/{uuid:D}/monitor.sock"));
        await daemon.StartAgainAsync();
        await using VirtConnection again = await daemon.ConnectAsync();
        IHypervisorDriver host = again.Hypervisor;

        DomainRecord known = await host.GetDomainByUuidAsync(uuid, Cancel);
        Assert.Equal(DomainState.Running, known.State);
        Assert.Single(await host.GetDomainStatisticsAsync(DomainFilter.All, StatisticsGroups.All, Cancel));
        var refused = await Assert.ThrowsAsync<VirtException>(() => host.SuspendDomainAsync(uuid, Cancel).AsTask());
        Assert.Equal(VirtErrorCode.OperationFailed, refused.Code);
        Assert.Contains("the monitor of domain 'mute' cannot be reached", refused.Message, StringComparison.Ordinal);
        Assert.Equal(DomainState.Shutoff, (await host.DestroyDomainAsync(uuid, DestroyOptions.None, Cancel)).State);
        Assert.Equal(DomainState.Running, (await host.StartDomainAsync(uuid, StartOptions.None, Cancel)).State);
    }

    internal static string Xml(string name, string devices = "") => $"""
        <domain type='qemu'><name>{name}</name><memory unit='MiB'>32</memory><vcpu>1</vcpu>
        <os><type arch='x86_64' machine='q35'>hvm</type></os><devices>{devices}<controller type='usb' model='qemu-xhci'/><memballoon model='none'/></devices></domain>
        """;

    internal static async Task<DomainRecord> StartAsync(IHypervisorDriver host, string name, string devices = "")
    {
        DomainRecord domain = await host.DefineDomainAsync(Xml(name, devices), DefineOptions.None, Cancel);
        return await host.StartDomainAsync(domain.Uuid, StartOptions.None, Cancel);
    }
}
