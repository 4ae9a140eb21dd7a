using Virt.Daemon.Rpc;
using Virt.Errors;
using Virt.Remote;
using Virt.Rpc;
using Virt.Rpc.Packing;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>A daemon against peers that break the rules, each over a raw stream.</summary>
public sealed class HostilePeerTests : IAsyncDisposable
{
    private readonly TestDaemon _world = new(
        new ServerLimits { Clients = 3, CallsPerClient = 4, SubscriptionsPerClient = 2, UnauthenticatedClients = 2, AuthenticationDelay = TimeSpan.Zero });

    private CancellationToken Time => _world.Time;

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Theory]
    [InlineData("47455420", "is over the limit")] // "GET " as a length
    [InlineData("ffffffff", "is over the limit")]
    [InlineData("00000000", "no good header")]
    [InlineData("00000001c0", "no good header")]
    [InlineData("0000000795010101000100", "no good header")]
    [InlineData("00000007960101010901 00", "unknown frame type")]
    [InlineData("00000007960101010001 07", "unknown frame status")]
    [InlineData("00000007960101010001 00", "no body")]
    [InlineData("0000000896010101010100 90", "takes no frame of type Reply")]
    [InlineData("0000000896010101020100 90", "takes no frame of type Event")]
    [InlineData("0000000896010101000101 90", "has no status")]
    public async Task A_bad_frame_ends_that_connection_with_the_reason_logged(string hex, string reason)
    {
        using RawPeer peer = new(_world.ConnectInMemory());
        await peer.SendAsync(Convert.FromHexString(hex.Replace(" ", string.Empty, StringComparison.Ordinal)), Time);
        await peer.ReadToEndAsync(Time);
        Assert.Contains(reason, await _world.Loggers.WaitAsync("disconnected: ", Time), StringComparison.Ordinal);
        await using RemoteDriverConnection other = await _world.OpenInMemoryAsync();
        Assert.Equal("fakehost", (await other.Hypervisor.GetHostAsync(Time)).HostName);
    }

    [Theory]
    [InlineData(7, 1, 1, "program 7")]
    [InlineData(RemoteProgram.Number, 9, 1, "version 9")]
    [InlineData(RemoteProgram.Number, 1, 9999, "procedure 9999")]
    [InlineData(RemoteProgram.Keepalive, 1, 1, "program 3")]
    public async Task An_unknown_procedure_is_an_error_reply_and_the_connection_goes_on(int program, int version, int procedure, string what)
    {
        using RawPeer peer = new(_world.ConnectInMemory());
        await peer.SendAsync(RawPeer.Call(procedure, 1, program: program, version: version), Time);
        ErrorRecord error = await peer.ReadErrorAsync(1, Time);
        Assert.Equal(VirtErrorCode.RpcError, error.Code);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        await peer.SendAsync(RawPeer.Call(RemoteProcedure.ListAuthentication, 2), Time);
        Assert.Equal(FrameStatus.Ok, (await peer.ReadReplyAsync(2, Time)).Header.Status);
    }

    [Fact]
    public async Task Arguments_that_cannot_be_read_are_an_error_of_that_call()
    {
        using RawPeer peer = new(_world.ConnectInMemory());
        await peer.SendAsync(RawPeer.Call(RemoteProcedure.Open, 1, static (ref PackWriter writer) => writer.Write(42)), Time);
        Assert.Equal(VirtErrorCode.InvalidArgument, (await peer.ReadErrorAsync(1, Time)).Code);
    }

    [Fact]
    public async Task Nothing_but_the_handshake_before_Open()
    {
        using RawPeer peer = new(_world.ConnectInMemory());
        await peer.SendAsync(RawPeer.Call(RemoteProcedure.GetHost, 1), Time);
        Assert.Equal(VirtErrorCode.InvalidConnection, (await peer.ReadErrorAsync(1, Time)).Code);
    }

    [Theory]
    [InlineData(RemoteProcedure.Open, RemoteProgram.Number)]
    [InlineData(RemoteProcedure.GetHost, RemoteProgram.Number)]
    [InlineData(1, RemoteProgram.Admin)]
    public async Task Nothing_but_authentication_before_it(int procedure, int program)
    {
        using RawPeer peer = new(_world.ConnectInMemory(mustAuthenticate: true));
        await peer.SendAsync(RawPeer.Call(procedure, 1, program: program), Time);
        Assert.Equal(VirtErrorCode.AuthenticationFailed, (await peer.ReadErrorAsync(1, Time)).Code);
    }

    [Fact]
    public async Task Before_authentication_a_frame_is_64_KiB_at_most()
    {
        using RawPeer peer = new(_world.ConnectInMemory(mustAuthenticate: true));
        await peer.SendAsync(RawPeer.Length(RpcLimits.UnauthenticatedFrame + 1), Time);
        await peer.ReadToEndAsync(Time);
        Assert.Contains("65537", await _world.Loggers.WaitAsync("disconnected: ", Time), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_authentication_it_is_32_MiB()
    {
        using RawPeer peer = new(_world.ConnectInMemory());
        byte[] largest = new byte[RpcLimits.Frame - 12];
        await peer.SendAsync(
            RawPeer.Call(RemoteProcedure.StepAuthentication, 1, (ref PackWriter writer) => writer.WriteBinary(largest)), Time);
        await peer.ReadErrorAsync(1, Time);
        await peer.SendAsync(RawPeer.Length(RpcLimits.Frame + 1), Time);
        await peer.ReadToEndAsync(Time);
        Assert.Contains($"{RpcLimits.Frame + 1}", await _world.Loggers.WaitAsync("disconnected: ", Time), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_calls_may_be_cut_anywhere()
    {
        using RawPeer peer = new(_world.ConnectInMemory());
        await peer.SendAsync(RawPeer.Open(1), Time);
        await peer.ReadReplyAsync(1, Time);
        int serial = 1;
        int length = RawPeer.Call(RemoteProcedure.GetHost, 100).Length;
        for (int cut = 1; cut < 2 * length; cut++)
        {
            byte[] both = [.. RawPeer.Call(RemoteProcedure.GetHost, ++serial), .. RawPeer.Call(RemoteProcedure.GetHost, ++serial)];
            await peer.SendAsync(both[..Math.Min(cut, both.Length)], Time);
            await Task.Yield();
            await peer.SendAsync(both[Math.Min(cut, both.Length)..], Time);
            Assert.Equal(FrameStatus.Ok, (await peer.ReadReplyAsync(serial - 1, Time)).Header.Status);
            Assert.Equal(FrameStatus.Ok, (await peer.ReadReplyAsync(serial, Time)).Header.Status);
        }
    }

    [Fact]
    public async Task A_frame_may_come_byte_by_byte()
    {
        using RawPeer peer = new(_world.ConnectInMemory());
        foreach (byte one in RawPeer.Open(1))
        {
            await peer.SendAsync([one], Time);
            await Task.Yield();
        }

        Assert.Equal(FrameStatus.Ok, (await peer.ReadReplyAsync(1, Time)).Header.Status);
    }

    [Fact]
    public async Task An_end_inside_a_frame_is_told_apart()
    {
        using (RawPeer peer = new(_world.ConnectInMemory()))
            await peer.SendAsync(RawPeer.Open(1)[..10], Time);
        Assert.Contains("in the middle of a frame", await _world.Loggers.WaitAsync("disconnected: ", Time), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_over_the_limit_are_refused_one_by_one()
    {
        using RawPeer peer = new(_world.ConnectInMemory());
        await peer.SendAsync(RawPeer.Open(1), Time);
        await peer.ReadReplyAsync(1, Time);
        for (int serial = 2; serial <= 5; serial++)
            await peer.SendAsync(Save(serial), Time);
        await peer.SendAsync(RawPeer.Call(RemoteProcedure.GetHost, 6), Time);
        Assert.Equal(VirtErrorCode.ResourceLimit, (await peer.ReadErrorAsync(6, Time)).Code);
        _world.Hypervisor.Release.SetResult();
        await peer.ReadReplyAsync(2, Time);
    }

    [Fact]
    public async Task Subscriptions_over_the_limit_are_refused_one_by_one()
    {
        using RawPeer peer = new(_world.ConnectInMemory());
        await peer.SendAsync(RawPeer.Open(1), Time);
        await peer.ReadReplyAsync(1, Time);
        for (int serial = 2; serial <= 4; serial++)
            await peer.SendAsync(RawPeer.Call(RemoteProcedure.SubscribeDomainEvents, serial), Time);
        await peer.ReadReplyAsync(2, Time);
        await peer.ReadReplyAsync(3, Time);
        Assert.Equal(VirtErrorCode.ResourceLimit, (await peer.ReadErrorAsync(4, Time)).Code);
        await peer.SendAsync(RawPeer.Call(RemoteProcedure.GetHost, 5), Time);
        await peer.ReadReplyAsync(5, Time);
    }

    [Fact]
    public async Task A_serial_in_use_cannot_be_used_again()
    {
        using RawPeer peer = new(_world.ConnectInMemory());
        await peer.SendAsync(RawPeer.Open(1), Time);
        await peer.ReadReplyAsync(1, Time);
        await peer.SendAsync([.. Save(2), .. Save(2)], Time);
        await peer.ReadToEndAsync(Time);
        Assert.Contains("serial 2", await _world.Loggers.WaitAsync("disconnected: ", Time), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_over_the_limit_are_told_so()
    {
        await using RemoteDriverConnection first = await _world.OpenInMemoryAsync();
        await using RemoteDriverConnection second = await _world.OpenInMemoryAsync();
        await using RemoteDriverConnection third = await _world.OpenInMemoryAsync();
        VirtException error = await Assert.ThrowsAsync<VirtException>(() => _world.OpenInMemoryAsync());
        Assert.Equal(VirtErrorCode.ResourceLimit, error.Code);
        Assert.Equal("fakehost", (await third.Hypervisor.GetHostAsync(Time)).HostName);
    }

    [Fact]
    public async Task Clients_that_only_connect_do_not_keep_others_out_for_good()
    {
        using RawPeer first = new(_world.ConnectInMemory(mustAuthenticate: true));
        using RawPeer second = new(_world.ConnectInMemory(mustAuthenticate: true));
        using RawPeer third = new(_world.ConnectInMemory(mustAuthenticate: true));
        await third.SendAsync(RawPeer.Call(RemoteProcedure.ListAuthentication, 1), Time);
        Assert.Equal(VirtErrorCode.ResourceLimit, (await third.ReadErrorAsync(1, Time)).Code);
        await third.ReadToEndAsync(Time);
        await using RemoteDriverConnection local = await _world.OpenInMemoryAsync();
        Assert.Equal("fakehost", (await local.Hypervisor.GetHostAsync(Time)).HostName);
    }

    [Fact]
    public async Task The_name_to_open_must_not_lead_onwards()
    {
        using RawPeer peer = new(_world.ConnectInMemory());
        await peer.SendAsync(
            RawPeer.Call(RemoteProcedure.Open, 1, static (ref PackWriter writer) =>
            {
                writer.WriteArrayHeader(2);
                writer.Write("fake+tcp://192.0.2.1/system");
                writer.Write(0);
            }),
            Time);
        Assert.Equal(VirtErrorCode.InvalidArgument, (await peer.ReadErrorAsync(1, Time)).Code);
    }

    [Fact]
    public async Task A_connection_opens_once_and_can_open_again_after_Close()
    {
        using RawPeer peer = new(_world.ConnectInMemory());
        await peer.SendAsync([.. RawPeer.Open(1), .. RawPeer.Open(2)], Time);
        await peer.ReadReplyAsync(1, Time);
        Assert.Equal(VirtErrorCode.OperationInvalid, (await peer.ReadErrorAsync(2, Time)).Code);
        await peer.SendAsync([.. RawPeer.Call(RemoteProcedure.Close, 3), .. RawPeer.Call(RemoteProcedure.GetHost, 4), .. RawPeer.Open(5)], Time);
        Assert.Equal(VirtErrorCode.InvalidConnection, (await peer.ReadErrorAsync(4, Time)).Code);
        Assert.Equal(FrameStatus.Ok, (await peer.ReadReplyAsync(5, Time)).Header.Status);
    }

    private static byte[] Save(int serial) =>
        RawPeer.Call(RemoteProcedure.SaveDomain, serial, static (ref PackWriter writer) =>
        {
            writer.WriteArrayHeader(1);
            writer.Write(Guid.Empty);
        });
}
