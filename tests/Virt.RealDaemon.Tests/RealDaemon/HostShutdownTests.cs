using Virt.Connections;
using Virt.Domains;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary><c>virtd guests</c> on a real virtd: what a host that shuts down and starts does with its guests.</summary>
public sealed class HostShutdownTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Guests_are_shut_down_and_those_that_do_not_react_are_turned_off()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(config: """{ "guests": { "shutdownSeconds": 20 } }""");
        await using VirtConnection connection = await daemon.ConnectAsync();
        await using LinuxGuest obedient = await LinuxGuest.DefineAsync(connection, daemon.Root, "obedient");
        await using LinuxGuest stubborn = await LinuxGuest.DefineAsync(connection, daemon.Root, "stubborn", change: IgnoringItsButton);
        await Task.WhenAll(obedient.BootAsync(), stubborn.BootAsync());
        Guid paused = await StartPausedAsync(connection, "paused");
        await using EventRecorder events = await EventRecorder.StartAsync(connection.Hypervisor, obedient.Uuid);

        (int exit, string output, string error) = await GuestsAsync(daemon, "stop");

        Assert.True(exit == 0, error);
        Assert.Contains("obedient: shut down\n", output, StringComparison.Ordinal);
        Assert.Contains("stubborn: it has not shut down within 20 s\n", output, StringComparison.Ordinal);
        Assert.Contains("stubborn: turned off\n", output, StringComparison.Ordinal);
        Assert.Contains("paused: saved\n", output, StringComparison.Ordinal);
        Assert.Equal(["Shutdown/Guest", "Stopped/Shutdown"], (await events.UntilAsync(DomainEventKind.Stopped)).Seen);
        Assert.Equal((DomainState.Shutoff, DomainStateReason.Destroyed), await StateAsync(connection, stubborn.Uuid));
        Assert.Equal((DomainState.Shutoff, DomainStateReason.Saved), await StateAsync(connection, paused));
        Assert.Equal("no guest runs\n", (await GuestsAsync(daemon, "stop")).Output);
    }

    [Fact]
    public async Task Guests_are_saved_and_go_on_when_the_host_starts()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(config: """{ "guests": { "onHostShutdown": ["save", "shutdown"] } }""");
        await using VirtConnection connection = await daemon.ConnectAsync();
        await using LinuxGuest guest = await LinuxGuest.DefineAsync(connection, daemon.Root, "guest");
        await guest.BootAsync();
        await guest.ShellAsync("echo here >/tmp/mark");
        // What a user has saved stays saved.
        Guid users = await StartPausedAsync(connection, "users");
        await connection.Hypervisor.SaveDomainAsync(users, Cancel);

        (int exit, string output, string error) = await GuestsAsync(daemon, "stop");
        Assert.True(exit == 0, error);
        Assert.Equal("guest: saved\n", output);
        guest.Disconnect();

        await StartHostAgainAsync(daemon);
        await using VirtConnection later = await daemon.ConnectAsync();
        await using EventRecorder events = await EventRecorder.StartAsync(later.Hypervisor, guest.Uuid);
        guest.Hypervisor = later.Hypervisor;
        if ((await later.Hypervisor.GetDomainByUuidAsync(guest.Uuid, Cancel)).State != DomainState.Running)
            await events.UntilAsync(DomainEventKind.Resumed);
        Assert.Equal("here", await guest.ShellAsync("cat /tmp/mark"));
        Assert.True((await later.Hypervisor.GetDomainByUuidAsync(users, Cancel)).HasSavedState);

        // The same again without a start of the host between.
        Assert.Equal("guest: saved\n", (await GuestsAsync(daemon, "stop")).Output);
        guest.Disconnect();
        Assert.Equal("guest: started\n", (await GuestsAsync(daemon, "start")).Output);
        Assert.Equal("here", await guest.ShellAsync("cat /tmp/mark"));
        Assert.True((await later.Hypervisor.GetDomainByUuidAsync(users, Cancel)).HasSavedState);
    }

    [Fact]
    public async Task Guests_start_with_the_host_in_the_order_that_the_configuration_names()
    {
        string[] order = ["middle", "zone", "absent", "first"];
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(
            config: $$"""{ "guests": { "autostartOrder": ["{{string.Join("\", \"", order)}}"], "autostartDelaySeconds": 1 } }""");
        await using (VirtConnection connection = await daemon.ConnectAsync())
        {
            foreach (string name in (string[])["alone", "first", "last", "middle", "zone"])
            {
                DomainRecord domain = await connection.Hypervisor.DefineDomainAsync(Xml(name), DefineOptions.None, Cancel);
                await connection.Hypervisor.ChangeDomainAsync(domain.Uuid, new DomainChange { Autostart = name != "alone" }, ChangeScope.Config, Cancel);
            }
        }

        await StartHostAgainAsync(daemon);
        await daemon.LogAsync(log => log.Contains("Domain last: started", StringComparison.Ordinal));

        await using VirtConnection later = await daemon.ConnectAsync();
        IReadOnlyList<DomainRecord> domains = await later.Hypervisor.ListDomainsAsync(DomainFilter.All, Cancel);
        // Ids count the starts.
        Assert.Equal(["middle", "zone", "first", "last"], domains.Where(domain => domain.IsActive).OrderBy(domain => domain.Id).Select(domain => domain.Name));
    }

    private static string IgnoringItsButton(string xml) => xml.Replace("virt.name=", "virt.powerbutton=ignore virt.name=", StringComparison.Ordinal);

    private static async Task<Guid> StartPausedAsync(VirtConnection connection, string name)
    {
        DomainRecord domain = await connection.Hypervisor.DefineDomainAsync(Xml(name), DefineOptions.None, Cancel);
        await connection.Hypervisor.StartDomainAsync(domain.Uuid, StartOptions.Paused, Cancel);
        return domain.Uuid;
    }

    private static async Task<(DomainState, DomainStateReason)> StateAsync(VirtConnection connection, Guid uuid)
    {
        DomainRecord domain = await connection.Hypervisor.GetDomainByUuidAsync(uuid, Cancel);
        return (domain.State, domain.Reason);
    }

    private static Task<(int ExitCode, string Output, string Error)> GuestsAsync(VirtdProcess daemon, string action) =>
        VirtdProcess.RunAsync(VirtdProcess.Command("guests", action, "--root", daemon.Root));

    // A new boot of the host is one that has another id.
    private static async Task StartHostAgainAsync(VirtdProcess daemon)
    {
        await daemon.StopAsync();
        File.Delete(Path.Combine(daemon.Root, "run/virt/qemu/autostarted"));
        await daemon.StartAgainAsync();
    }

    private static string Xml(string name) => $"""
        <domain type='qemu'><name>{name}</name><memory unit='MiB'>16</memory><vcpu>1</vcpu><os><type machine='q35'>hvm</type></os></domain>
        """;
}
