using System.Net.Sockets;
using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>What a restart and what exhaustion mean for clients and guests.</summary>
public sealed class RestartTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restart_under_load_answers_or_aborts_each_call_and_keeps_twenty_guests_as_they_are()
    {
        const int Guests = 20;
        await using VirtdProcess daemon = await VirtdProcess.StartAsync();
        int?[] ids;
        int[] processes;
        VirtConnection connection = await daemon.ConnectAsync();
        await using (connection)
        {
            IHypervisorDriver host = connection.Hypervisor;
            DomainRecord[] guests = await Task.WhenAll(Enumerable.Range(0, Guests).Select(i => StuckGuestTests.StartAsync(host, $"load{i:00}")));
            ids = [.. guests.Select(guest => guest.Id).Order()];
            processes = [.. GuestProcesses.Below(daemon.Root).Order()];
            var answered = new SemaphoreSlim(0);
            Task[] working = [.. guests.Select(guest => WorkAsync(host, guest.Uuid, answered))];
            for (int i = 0; i < Guests; i++)
                await answered.WaitAsync(Cancel);
            Assert.Equal(0, await daemon.StopAsync());
            await Task.WhenAll(working);
        }

        Assert.False(File.Exists(daemon.Socket));
        Assert.Equal(processes, GuestProcesses.Below(daemon.Root).Order());
        await daemon.StartAgainAsync();
        await using VirtConnection again = await daemon.ConnectAsync();
        IReadOnlyList<DomainRecord> after = await again.Hypervisor.ListDomainsAsync(new DomainFilter(Active: true), Cancel);
        Assert.Equal(ids, after.Select(domain => domain.Id).Order());
        Assert.All(after, domain => Assert.True(domain.State is DomainState.Running or DomainState.Paused, $"{domain.Name}: {domain.State}"));
        await Task.WhenAll(after.Select(async domain => await again.Hypervisor.DestroyDomainAsync(domain.Uuid, DestroyOptions.None, Cancel)));
        Assert.Empty(GuestProcesses.Below(daemon.Root));
    }

    [Fact]
    public async Task Without_descriptors_left_those_who_are_connected_go_on_and_others_get_in_again_later()
    {
        string[] few = ["prlimit", "--nofile=320:320"];
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(config: """{ "limits": { "clients": 5000, "unauthenticatedClients": 5000 } }""", prefix: few);
        await using VirtConnection connection = await daemon.ConnectAsync();
        DomainRecord guest = await StuckGuestTests.StartAsync(connection.Hypervisor, "guest");
        DomainRecord off = await connection.Hypervisor.DefineDomainAsync(StuckGuestTests.Xml("off"), DefineOptions.None, Cancel);

        var crowd = new List<Socket>();
        for (int i = 0; i < 600; i++)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
            crowd.Add(socket);
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(daemon.Socket));
            }
            catch (SocketException full) when (full.SocketErrorCode is SocketError.WouldBlock or SocketError.TryAgain)
            {
                break;
            }
        }

        Assert.Equal(2, (await connection.Hypervisor.ListDomainsAsync(DomainFilter.All, Cancel)).Count);
        Assert.Equal(DomainState.Paused, (await connection.Hypervisor.SuspendDomainAsync(guest.Uuid, Cancel)).State);
        Exception? outcome = await Record.ExceptionAsync(async () => await connection.Hypervisor.StartDomainAsync(off.Uuid, StartOptions.None, Cancel));
        Assert.True(outcome is null or VirtException, outcome?.ToString());
        if (outcome is VirtException refused)
        {
            Assert.Contains("Too many open files", refused.Message, StringComparison.Ordinal);
            Assert.Contains("LimitNOFILE", refused.RecommendedAction, StringComparison.Ordinal);
        }

        Assert.Equal(outcome is null ? 2 : 1, GuestProcesses.Below(daemon.Root).Count);
        foreach (Socket socket in crowd)
            socket.Dispose();

        await using VirtConnection later = await daemon.ConnectAsync();
        Assert.Equal(DomainState.Running, (await later.Hypervisor.ResumeDomainAsync(guest.Uuid, Cancel)).State);
        if (outcome is not null)
            Assert.Equal(DomainState.Running, (await later.Hypervisor.StartDomainAsync(off.Uuid, StartOptions.None, Cancel)).State);
    }

    [Fact]
    public async Task A_guest_starts_although_there_are_fewer_descriptors_than_a_probe_may_have()
    {
        await using VirtdProcess daemon = await VirtdProcess.StartAsync(prefix: ["prlimit", "--nofile=160:160"]);
        await using VirtConnection connection = await daemon.ConnectAsync();
        Assert.Equal(DomainState.Running, (await StuckGuestTests.StartAsync(connection.Hypervisor, "guest")).State);
    }

    // Each call ends, one way or the other, and what it says when it was cut off is that it was.
    private static async Task WorkAsync(IHypervisorDriver host, Guid uuid, SemaphoreSlim answered)
    {
        while (true)
        {
            try
            {
                await host.SuspendDomainAsync(uuid, Cancel);
                await host.ResumeDomainAsync(uuid, Cancel);
                answered.Release();
            }
            catch (VirtException cut)
            {
                Assert.True(
                    cut.Code is VirtErrorCode.OperationAborted or VirtErrorCode.RpcError or VirtErrorCode.InvalidConnection or VirtErrorCode.NoConnect or VirtErrorCode.OperationFailed,
                    cut.ToString());
                return;
            }
        }
    }
}
