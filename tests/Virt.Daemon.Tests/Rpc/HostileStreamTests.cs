using Virt.Daemon.Rpc;
using Virt.Errors;
using Virt.Remote;
using Virt.Rpc;
using Virt.Rpc.Packing;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>A daemon against peers that break the rules of streams.</summary>
public sealed class HostileStreamTests : IAsyncDisposable
{
    private const int Serial = 7;

    private readonly TestDaemon _world = new(
        new ServerLimits { CallsPerClient = 6, StreamsPerClient = 3, AuthenticationDelay = TimeSpan.Zero });

    private CancellationToken Time => _world.Time;

    private FakeStreams Streams => _world.Hypervisor.Streams;

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Frames_of_a_stream_that_is_not_open_are_late_and_dropped()
    {
        using RawPeer peer = await ConnectAsync();
        await peer.SendAsync(Frame(99, static (ref PackWriter writer) => writer.WriteBinary(new byte[100])), Time);
        await peer.SendAsync(Frame(99, static (ref PackWriter writer) => writer.Write("nonsense")), Time);
        await OpenAsync(peer, "echo");
    }

    [Fact]
    public async Task A_peer_that_ignores_credit_is_cut_off_and_the_driver_let_go()
    {
        using RawPeer peer = await ConnectAsync();
        await OpenAsync(peer, "stuck");
        byte[] chunk = Data(RpcLimits.StreamChunk);
        for (int sent = 0; sent <= RpcLimits.StreamWindow; sent += RpcLimits.StreamChunk)
            await peer.SendAsync(chunk, Time);
        await EndsAsync(peer, "more than it was given credit for");
    }

    [Theory]
    [InlineData(0, "carries 0 bytes")]
    [InlineData(RpcLimits.StreamChunk + 1, "carries 65537 bytes")]
    [InlineData(20 << 20, "carries 20971520 bytes")]
    public async Task A_chunk_has_its_size(int size, string words)
    {
        using RawPeer peer = await ConnectAsync();
        await OpenAsync(peer, "echo");
        await peer.SendAsync(Data(size), Time);
        await EndsAsync(peer, words);
    }

    [Fact]
    public async Task Nothing_comes_after_the_end()
    {
        using RawPeer peer = await ConnectAsync();
        await OpenAsync(peer, "stuck");
        await peer.SendAsync(Frame(Serial, static (ref PackWriter writer) => writer.WriteNil()), Time);
        await peer.SendAsync(Data(1), Time);
        await EndsAsync(peer, "goes on after its end");
    }

    [Theory]
    [InlineData(0L, "credit of 0")]
    [InlineData(-5L, "credit of -5")]
    [InlineData((long)RpcLimits.StreamCredit, "is the limit")]
    [InlineData(long.MaxValue, "cannot be read")]
    public async Task Credit_has_its_bounds(long credit, string words)
    {
        using RawPeer peer = await ConnectAsync();
        await OpenAsync(peer, "stuck");
        await peer.SendAsync(Frame(Serial, (ref PackWriter writer) => writer.Write(credit)), Time);
        await EndsAsync(peer, words);
    }

    [Fact]
    public async Task The_serial_of_an_open_stream_serves_no_other_call()
    {
        using RawPeer peer = await ConnectAsync();
        await OpenAsync(peer, "stuck");
        await peer.SendAsync(RawPeer.Call(RemoteProcedure.GetHost, Serial), Time);
        await EndsAsync(peer, "belongs to an open stream");
    }

    [Fact]
    public async Task The_serial_is_free_as_soon_as_the_end_has_come()
    {
        using RawPeer peer = await ConnectAsync();
        for (int i = 0; i < 200; i++)
        {
            await OpenAsync(peer, "echo");
            await peer.SendAsync(Frame(Serial, static (ref PackWriter writer) => writer.WriteNil()), Time);
            (FrameHeader Header, byte[] Body)? end = await peer.ReadAsync(Time);
            Assert.Equal((FrameType.Stream, Serial), (end!.Value.Header.Type, end.Value.Header.Serial));
            Assert.Equal([0xc0], end.Value.Body);
        }
    }

    [Fact]
    public async Task A_peer_that_gives_much_credit_and_reads_nothing_makes_the_daemon_hold_little()
    {
        using RawPeer peer = await ConnectAsync();
        await OpenAsync(peer, $"bulk:{1 << 30}");
        FakeStream source = Streams.Last!;
        await peer.SendAsync(
            Frame(Serial, static (ref PackWriter writer) => writer.Write(RpcLimits.StreamCredit - RpcLimits.StreamWindow)), Time);
        // Another client is served meanwhile; what the driver has given stays within queue, transport and one piece in hand.
        await using RemoteDriverConnection other = await _world.OpenInMemoryAsync();
        for (int i = 0; i < 200; i++)
            await other.Hypervisor.GetHostAsync(Time);
        Assert.InRange(source.Given, 0, RpcLimits.StreamQueue + (4 * RpcLimits.StreamChunk) + (64 << 10));
        peer.Dispose();
        await Streams.WhenNoneAsync().WaitAsync(Time);
    }

    [Fact]
    public async Task A_client_has_so_many_streams_and_no_more()
    {
        using RawPeer peer = await ConnectAsync();
        for (int serial = 10; serial < 13; serial++)
            await OpenAsync(peer, "stuck", serial);
        await peer.SendAsync(Call("stuck", 20), Time);
        ErrorRecord refused = await peer.ReadErrorAsync(20, Time);
        Assert.Equal(VirtErrorCode.ResourceLimit, refused.Code);
        Assert.Contains("3 open streams", refused.Message, StringComparison.Ordinal);

        // They count as calls, too.
        await peer.SendAsync(RawPeer.Call(RemoteProcedure.SubscribeDomainEvents, 21), Time);
        await peer.ReadReplyAsync(21, Time);
        await peer.SendAsync(RawPeer.Call(RemoteProcedure.SubscribeDomainEvents, 22), Time);
        await peer.ReadReplyAsync(22, Time);
        await peer.SendAsync(RawPeer.Call(RemoteProcedure.SubscribeDomainEvents, 23), Time);
        await peer.ReadReplyAsync(23, Time);
        await peer.SendAsync(RawPeer.Call(RemoteProcedure.GetHost, 24), Time);
        Assert.Equal(VirtErrorCode.ResourceLimit, (await peer.ReadErrorAsync(24, Time)).Code);
    }

    [Fact]
    public async Task A_read_only_client_opens_no_console()
    {
        using RawPeer peer = await ConnectAsync(readOnly: true);
        await peer.SendAsync(Call("echo", Serial), Time);
        Assert.Equal(VirtErrorCode.OperationDenied, (await peer.ReadErrorAsync(Serial, Time)).Code);
        Assert.Null(Streams.Last);
    }

    [Fact]
    public async Task Cancels_and_ends_that_cross_leave_nothing_behind()
    {
        using RawPeer peer = await ConnectAsync();
        for (int i = 0; i < 100; i++)
        {
            int serial = 1000 + i;
            await peer.SendAsync(Call(i % 2 == 0 ? "echo" : "bulk:100000", serial), Time);
            if (i % 3 == 0)
                await peer.ReadReplyAsync(serial, Time);
            if (i % 5 == 0)
                await peer.SendAsync(Frame(serial, static (ref PackWriter writer) => writer.WriteNil()), Time);
            await peer.SendAsync(RawPeer.Frame(
                RemoteProgram.Number, 1, RemoteProcedure.OpenConsole, (int)FrameType.Cancel, serial, 0,
                static (ref PackWriter writer) => writer.WriteNil()), Time);
            await Streams.WhenNoneAsync().WaitAsync(Time);
        }
    }

    private async Task<RawPeer> ConnectAsync(bool readOnly = false)
    {
        RawPeer peer = new(_world.ConnectInMemory(readOnly));
        await peer.SendAsync(RawPeer.Open(1), Time);
        await peer.ReadReplyAsync(1, Time);
        return peer;
    }

    private async Task OpenAsync(RawPeer peer, string kind, int serial = Serial)
    {
        await peer.SendAsync(Call(kind, serial), Time);
        (FrameHeader header, byte[] body) = await peer.ReadReplyAsync(serial, Time);
        Assert.Equal(FrameStatus.Continue, header.Status);
        Assert.Equal([0xc0], body);
    }

    private async Task EndsAsync(RawPeer peer, string words)
    {
        await peer.ReadToEndAsync(Time);
        Assert.Contains(words, await _world.Loggers.WaitAsync("disconnected: ", Time), StringComparison.Ordinal);
        await Streams.WhenNoneAsync().WaitAsync(Time);
        await using RemoteDriverConnection other = await _world.OpenInMemoryAsync();
        Assert.Equal("fakehost", (await other.Hypervisor.GetHostAsync(Time)).HostName);
    }

    private static byte[] Call(string kind, int serial) => RawPeer.Call(RemoteProcedure.OpenConsole, serial, (ref PackWriter writer) =>
    {
        writer.WriteArrayHeader(3);
        writer.WriteBinary(new byte[16]);
        writer.Write(kind);
        writer.Write(0);
    });

    private static byte[] Data(int size)
    {
        byte[] data = new byte[size];
        return Frame(Serial, (ref PackWriter writer) => writer.WriteBinary(data));
    }

    private static byte[] Frame(int serial, RawPeer.Body body) =>
        RawPeer.Frame(RemoteProgram.Number, 1, RemoteProcedure.OpenConsole, (int)FrameType.Stream, serial, 0, body);
}
