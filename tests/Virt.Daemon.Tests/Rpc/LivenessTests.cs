using System.Net.Sockets;
using Virt.Daemon.Rpc;
using Virt.Remote;
using Virt.Rpc;
using Virt.Rpc.Packing;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>Peers that are silent, slow or gone.</summary>
public sealed class LivenessTests
{
    private static readonly RpcConnectionOptions Impatient = new() { KeepaliveInterval = TimeSpan.FromMilliseconds(20), KeepaliveCount = 3 };

    [Fact]
    public async Task A_silent_client_is_asked_and_then_cut_off()
    {
        await using TestDaemon world = new(options: Impatient);
        using RawPeer peer = new(world.ConnectInMemory());
        (FrameHeader ping, byte[] body) = (await peer.ReadAsync(world.Time))!.Value;
        Assert.Equal(new FrameHeader(new(RemoteProgram.Keepalive, 1, 1), FrameType.Event, 0), ping);
        Assert.Equal([0xc0], body);
        await peer.ReadToEndAsync(world.Time);
        Assert.Contains("keepalive", await world.Loggers.WaitAsync("disconnected: ", world.Time), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_answers_stays()
    {
        await using TestDaemon world = new(options: Impatient);
        await using RemoteDriverConnection connection = await world.OpenInMemoryAsync(options: new() { KeepaliveInterval = TimeSpan.Zero });
        Task<Virt.Domains.DomainRecord> call = connection.Hypervisor.SaveDomainAsync(Guid.Empty, world.Time).AsTask();
        await Task.Delay(400, world.Time);
        world.Hypervisor.Release.SetResult();
        await call;
    }

    [Fact]
    public async Task A_daemon_answers_a_ping()
    {
        await using TestDaemon world = new();
        using RawPeer peer = new(world.ConnectInMemory(mustAuthenticate: true));
        await peer.SendAsync(
            RawPeer.Frame(RemoteProgram.Keepalive, 1, 1, (int)FrameType.Event, 0, 0, static (ref PackWriter writer) => writer.WriteNil()),
            world.Time);
        Assert.Equal(new FrameHeader(new(RemoteProgram.Keepalive, 1, 2), FrameType.Event, 0), (await peer.ReadAsync(world.Time))!.Value.Header);
    }

    [Fact]
    public async Task A_client_that_does_not_authenticate_in_time_is_cut_off()
    {
        await using TestDaemon world = new(new ServerLimits { AuthenticationTime = TimeSpan.FromMilliseconds(50) });
        using RawPeer peer = new(world.ConnectInMemory(mustAuthenticate: true));
        await peer.ReadToEndAsync(world.Time);
        Assert.Contains("not authenticated", await world.Loggers.WaitAsync("disconnected: ", world.Time), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subscriber_that_does_not_read_is_cut_off()
    {
        await using TestDaemon world = new(options: new() { KeepaliveInterval = TimeSpan.Zero, SendQueueLimit = 1 << 20 });
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(world.ListenUnix()), world.Time);
        using RawPeer peer = new(new NetworkStream(socket));
        await peer.SendAsync([.. RawPeer.Open(1), .. RawPeer.Call(RemoteProcedure.SubscribeDomainEvents, 2)], world.Time);
        await peer.ReadReplyAsync(2, world.Time);
        for (int i = 1; i <= 1000; i++)
            world.Hypervisor.Raise(i, ballast: 8192);
        Assert.Contains("does not read", await world.Loggers.WaitAsync("disconnected: ", world.Time), StringComparison.Ordinal);
        await world.Hypervisor.Unsubscribed.Task.WaitAsync(world.Time);
    }

    [Fact]
    public async Task A_caller_that_does_not_fetch_its_answers_is_not_served_further()
    {
        const int Size = 1 << 20;
        const int Calls = 200;
        await using TestDaemon world = new(options: new() { KeepaliveInterval = TimeSpan.Zero });
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(world.ListenUnix()), world.Time);
        using RawPeer peer = new(new NetworkStream(socket));
        await peer.SendAsync(RawPeer.Open(1), world.Time);
        await peer.ReadReplyAsync(1, world.Time);
        Task sending = Task.Run(
            async () =>
            {
                for (int serial = 2; serial < Calls; serial++)
                {
                    await peer.SendAsync(
                        RawPeer.Call(RemoteProcedure.GetDomainById, serial, static (ref PackWriter writer) =>
                        {
                            writer.WriteArrayHeader(1);
                            writer.Write(Size);
                        }),
                        world.Time);
                }
            },
            world.Time);

        // 200 MiB of answers would break the 64 MiB limit; as reading pauses, all of them come when they are fetched.
        await sending;
        for (int serial = 2; serial < Calls; serial++)
            Assert.True((await peer.ReadReplyAsync(serial, world.Time)).Body.Length > Size);
    }
}
