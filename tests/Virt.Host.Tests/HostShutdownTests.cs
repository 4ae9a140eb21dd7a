using Virt.Connections;
using Virt.Domains;

namespace Virt.Tests.Host;

/// <summary>A host that restarts with guests running: virt-guests.service and the start of virtd, as the package brings them.</summary>
public sealed class HostShutdownTests(InstalledHost installed) : IClassFixture<InstalledHost>
{
    private TestHost Host => installed.Host;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restart_shuts_guests_down_saves_those_that_are_paused_and_starts_what_starts_with_the_host()
    {
        Guid marked, paused, other;
        await using (VirtConnection connection = await Host.ConnectAsync())
        {
            ButtonGuest guest = await ButtonGuest.DefineAsync(Host, connection, "marked");
            await connection.Hypervisor.ChangeDomainAsync(guest.Uuid, new DomainChange { Autostart = true }, ChangeScope.Config, Cancel);
            await guest.BootAsync(connection);
            ButtonGuest unmarked = await ButtonGuest.DefineAsync(Host, connection, "unmarked");
            await unmarked.BootAsync(connection);
            ButtonGuest waiting = await ButtonGuest.DefineAsync(Host, connection, "paused");
            await connection.Hypervisor.StartDomainAsync(waiting.Uuid, StartOptions.Paused, Cancel);
            (marked, paused, other) = (guest.Uuid, waiting.Uuid, unmarked.Uuid);

            // Not a shutdown of the host: guests are left alone.
            await Host.RunAsync("systemctl restart virt-guests.service");
            Assert.Equal(DomainState.Running, (await connection.Hypervisor.GetDomainByUuidAsync(marked, Cancel)).State);
        }

        // What the shutdown says is looked for after it.
        await Host.RunAsync("mkdir -p /var/log/journal && systemctl restart systemd-journald && journalctl --flush");
        await Host.RebootAsync();

        string said = await Host.RunAsync("journalctl --boot=-1 --output=cat --unit=virt-guests.service");
        Assert.Contains("\nmarked: shut down\n", said, StringComparison.Ordinal);
        Assert.Contains("\nunmarked: shut down\n", said, StringComparison.Ordinal);
        Assert.Contains("\npaused: saved\n", said, StringComparison.Ordinal);
        await using VirtConnection later = await Host.ConnectAsync();
        // The starts go on when the host has said that it is up.
        await using (HostEvents events = await HostEvents.ListenAsync(later, marked))
            await events.UntilAsync(domain => domain is { State: DomainState.Running, Reason: DomainStateReason.Booted });
        await using (HostEvents events = await HostEvents.ListenAsync(later, paused))
            await events.UntilAsync(domain => domain is { State: DomainState.Paused, HasSavedState: false });
        Assert.Equal(DomainState.Shutoff, (await later.Hypervisor.GetDomainByUuidAsync(other, Cancel)).State);
        Assert.Equal(string.Empty, await Host.RunAsync("ls /var/lib/virt/qemu/host-saves"));
        Assert.Equal("running", await Host.RunAsync("systemctl is-system-running"));
    }
}
