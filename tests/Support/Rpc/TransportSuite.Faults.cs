using Virt.Domains;
using Virt.Errors;
using Virt.Remote;
using Virt.Rpc;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>Peers that are slow, silent or gone, over every transport.</summary>
public abstract partial class TransportSuite
{
    private static readonly RpcConnectionOptions Patient = new() { KeepaliveInterval = TimeSpan.Zero };
    private static readonly RpcConnectionOptions Watchful = new() { KeepaliveInterval = TimeSpan.FromMilliseconds(300), KeepaliveCount = 6 };

    [Fact]
    public async Task A_call_may_carry_megabytes_both_ways()
    {
        string name = string.Create(8 << 20, 0, static (text, _) =>
        {
            for (int i = 0; i < text.Length; i++)
                text[i] = (char)('a' + (i % 26));
        });
        await using RemoteDriverConnection connection = await OpenAsync();
        Assert.Equal(name, (await connection.Hypervisor.GetDomainByNameAsync(name, Time)).Name);
    }

    [Fact]
    public async Task A_slow_reader_gets_all_its_answers_and_holds_up_nobody()
    {
        const int Size = 1 << 20;
        await using TestDaemon world = new(options: Patient);
        GatedStream? gate = null;
        await using RemoteDriverConnection slow = await OpenAsync(world, Patient, stream => gate = new GatedStream(stream));
        await using RemoteDriverConnection quick = await OpenAsync(world, Patient);
        gate!.Stall();
        Task<DomainRecord>[] calls = [.. Enumerable.Range(0, 40).Select(i => slow.Hypervisor.GetDomainByIdAsync(Size + i, world.Time).AsTask())];
        for (int i = 0; i < 50; i++)
            await quick.Hypervisor.GetHostAsync(world.Time);
        Assert.DoesNotContain(calls, call => call.IsCompleted);
        gate.Release();
        for (int i = 0; i < calls.Length; i++)
            Assert.Equal(Size + i, (await calls[i]).Description!.Length);
    }

    [Fact]
    public async Task A_subscriber_that_never_reads_is_cut_off_and_others_go_on()
    {
        await using TestDaemon world = new(options: new() { KeepaliveInterval = TimeSpan.Zero, SendQueueLimit = 1 << 20 });
        GatedStream? gate = null;
        await using RemoteDriverConnection stuck = await OpenAsync(world, Patient, stream => gate = new GatedStream(stream));
        await using RemoteDriverConnection other = await OpenAsync(world, Patient);
        await stuck.Hypervisor.SubscribeDomainEventsAsync(_ => { }, world.Time);
        gate!.Stall();
        for (int i = 1; i <= 8192 && world.Hypervisor.Subscribers > 0; i++)
            world.Hypervisor.Raise(i, ballast: 16 * 1024);
        Assert.Contains("does not read", await world.Loggers.WaitAsync("disconnected: ", world.Time), StringComparison.Ordinal);
        await world.Hypervisor.Unsubscribed.Task.WaitAsync(world.Time);
        Assert.Equal("fakehost", (await other.Hypervisor.GetHostAsync(world.Time)).HostName);
    }

    [Fact]
    public async Task A_client_that_falls_silent_is_cut_off()
    {
        await using TestDaemon world = new(options: Watchful);
        GatedStream? gate = null;
        await using RemoteDriverConnection silent = await OpenAsync(world, Patient, stream => gate = new GatedStream(stream));
        gate!.Stall();
        Assert.Contains("keepalive", await world.Loggers.WaitAsync("disconnected: ", world.Time), StringComparison.Ordinal);
        await world.Hypervisor.Disposed.Task.WaitAsync(world.Time);
    }

    [Fact]
    public async Task A_daemon_that_falls_silent_ends_the_call_that_waits_for_it()
    {
        GatedStream? gate = null;
        await using RemoteDriverConnection connection = await OpenAsync(World, Watchful, stream => gate = new GatedStream(stream));
        gate!.Stall();
        VirtException error = await Assert.ThrowsAsync<VirtConnectionException>(
            () => connection.Hypervisor.GetHostAsync(Time).AsTask().WaitAsync(Time));
        Assert.Contains("keepalive", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_leaves_inside_a_frame_disturbs_nobody()
    {
        await using RemoteDriverConnection other = await OpenAsync();
        Stream stream = await ConnectAsync(World);
        await World.Loggers.WaitAsync("Client 2 connected", Time);
        await stream.WriteAsync(RawPeer.Open(1).AsMemory(0, 7), Time);
        await stream.DisposeAsync();
        await World.Loggers.WaitAsync("disconnected: ", Time);
        Assert.Equal("fakehost", (await other.Hypervisor.GetHostAsync(Time)).HostName);
    }
}
