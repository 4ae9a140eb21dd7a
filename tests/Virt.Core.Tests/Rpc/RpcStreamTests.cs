using Virt.Errors;
using Virt.Rpc;
using Virt.Rpc.Streams;
using Virt.Streams;

namespace Virt.Tests.Core.Rpc;

/// <summary>The client's side of streams, against a daemon that does as the test says.</summary>
public sealed class RpcStreamTests
{
    [Fact]
    public async Task Bytes_go_both_ways_and_each_direction_ends_by_itself()
    {
        await using ScriptedPeer peer = new();
        (VirtStream stream, FrameHeader call) = await peer.AcceptStreamAsync();
        byte[] room = new byte[10];
        ValueTask<int> reading = stream.ReadAsync(room, peer.Time);
        Assert.False(reading.IsCompleted);
        peer.Data(call, 1, 2, 3);
        Assert.Equal(3, await reading);
        Assert.Equal([1, 2, 3], room[..3]);

        await stream.WriteAsync(new byte[] { 4, 5 }, peer.Time);
        (FrameHeader header, byte[] body) = await peer.NextFrameAsync();
        Assert.Equal(call with { Type = FrameType.Stream }, header);
        Assert.Equal([0xc4, 2, 4, 5], body);

        await stream.FinishAsync(peer.Time);
        Assert.Equal([0xc0], (await peer.NextFrameAsync()).Body);
        await Assert.ThrowsAsync<InvalidOperationException>(() => stream.WriteAsync(new byte[1], peer.Time).AsTask());
        peer.Data(call, 6);
        peer.End(call);
        Assert.Equal(1, await stream.ReadAsync(room, peer.Time));
        Assert.Equal(0, await stream.ReadAsync(room, peer.Time));
        Assert.Equal(0, await stream.ReadAsync(room, peer.Time));

        // Over on both sides: nothing is left to tell.
        await stream.DisposeAsync();
        await StillWorksAsync(peer);
    }

    [Fact]
    public async Task A_writer_waits_for_credit_and_goes_on_with_it()
    {
        await using ScriptedPeer peer = new();
        (VirtStream stream, FrameHeader call) = await peer.AcceptStreamAsync();
        Task writing = stream.WriteAsync(new byte[RpcLimits.StreamWindow + 100], peer.Time).AsTask();
        for (int received = 0; received < RpcLimits.StreamWindow;)
            received += StreamFrame.Read(call, (await peer.NextFrameAsync()).Body).Data.Length;
        await StillWorksAsync(peer);
        Assert.False(writing.IsCompleted);
        peer.Credit(call, 60);
        Assert.Equal(60, StreamFrame.Read(call, (await peer.NextFrameAsync()).Body).Data.Length);
        Assert.False(writing.IsCompleted);
        peer.Credit(call, 1000);
        Assert.Equal(40, StreamFrame.Read(call, (await peer.NextFrameAsync()).Body).Data.Length);
        await writing.WaitAsync(peer.Time);
    }

    [Fact]
    public async Task A_reader_gives_credit_for_what_it_has_read()
    {
        await using ScriptedPeer peer = new();
        (VirtStream stream, FrameHeader call) = await peer.AcceptStreamAsync();
        byte[] chunk = new byte[RpcLimits.StreamChunk];
        for (int sent = 0; sent < RpcLimits.StreamWindow; sent += chunk.Length)
            peer.Data(call, chunk);
        await StillWorksAsync(peer);
        Assert.False(peer.HasFrame);
        await stream.ReadExactlyAsync(new byte[RpcLimits.StreamWindow], peer.Time);
        for (int granted = 0; granted < RpcLimits.StreamWindow;)
            granted += StreamFrame.Read(call, (await peer.NextFrameAsync()).Body).Credit;
        peer.Data(call, 1);
        Assert.Equal(1, await stream.ReadAsync(chunk, peer.Time));
    }

    [Fact]
    public async Task An_error_ends_both_directions_after_what_came_before_it()
    {
        await using ScriptedPeer peer = new();
        (VirtStream stream, FrameHeader call) = await peer.AcceptStreamAsync();
        peer.Data(call, 1);
        peer.Connection.Send(
            call with { Type = FrameType.Stream, Status = FrameStatus.Error },
            new ErrorRecord(VirtErrorCode.OperationAborted, "taken over", "serial0", "Open it again."), ErrorRecordCodec.Write);
        Assert.Equal(1, await stream.ReadAsync(new byte[10], peer.Time));
        VirtException error = await Assert.ThrowsAsync<VirtException>(() => stream.ReadAsync(new byte[10], peer.Time).AsTask());
        Assert.Equal((VirtErrorCode.OperationAborted, "taken over", "serial0", "Open it again."), (error.Code, error.Message, error.Target, error.RecommendedAction));
        Assert.Equal("taken over", (await Assert.ThrowsAsync<VirtException>(() => stream.WriteAsync(new byte[1], peer.Time).AsTask())).Message);
        await stream.DisposeAsync();
        await StillWorksAsync(peer);
    }

    [Fact]
    public async Task Disposal_is_told_by_a_cancel_and_fails_what_waits()
    {
        await using ScriptedPeer peer = new();
        (VirtStream stream, FrameHeader call) = await peer.AcceptStreamAsync();
        Task<int> reading = stream.ReadAsync(new byte[1], peer.Time).AsTask();
        await stream.DisposeAsync();
        await stream.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reading);
        Assert.Equal(call with { Type = FrameType.Cancel }, await peer.NextAsync());
        // What was under way is dropped, however wrong it may be by now.
        peer.Data(call, 1);
        peer.End(call);
        peer.End(call);
        await StillWorksAsync(peer);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stream.WriteAsync(new byte[1], peer.Time).AsTask());
    }

    [Fact]
    public async Task A_cancelled_read_or_write_leaves_the_stream_whole()
    {
        await using ScriptedPeer peer = new();
        (VirtStream stream, FrameHeader call) = await peer.AcceptStreamAsync();
        using CancellationTokenSource source = new();
        Task<int> reading = stream.ReadAsync(new byte[1], source.Token).AsTask();
        Task writing = stream.WriteAsync(new byte[RpcLimits.StreamWindow + 1], source.Token).AsTask();
        for (int received = 0; received < RpcLimits.StreamWindow;)
            received += StreamFrame.Read(call, (await peer.NextFrameAsync()).Body).Data.Length;
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        peer.Data(call, 9);
        byte[] room = new byte[1];
        Assert.Equal(1, await stream.ReadAsync(room, peer.Time));
        Assert.Equal(9, room[0]);
        peer.Credit(call, 10);
        await stream.WriteAsync(new byte[10], peer.Time);
    }

    [Fact]
    public async Task The_end_of_the_connection_ends_the_stream()
    {
        await using ScriptedPeer peer = new();
        (VirtStream stream, FrameHeader call) = await peer.AcceptStreamAsync();
        peer.Data(call, 1);
        await StillWorksAsync(peer);
        Task writing = stream.WriteAsync(new byte[RpcLimits.StreamWindow + 1], peer.Time).AsTask();
        await peer.Connection.DisposeAsync();
        await Assert.ThrowsAsync<VirtConnectionException>(() => writing.WaitAsync(peer.Time));
        Assert.Equal(1, await stream.ReadAsync(new byte[10], peer.Time));
        await Assert.ThrowsAsync<VirtConnectionException>(() => stream.ReadAsync(new byte[10], peer.Time).AsTask());
        await Assert.ThrowsAsync<VirtConnectionException>(() => peer.OpenStreamAsync(peer.Time).AsTask());
        await stream.DisposeAsync();
    }

    [Fact]
    public async Task A_refused_stream_throws_and_leaves_nothing()
    {
        await using ScriptedPeer peer = new();
        Task<VirtStream> opening = peer.OpenStreamAsync(peer.Time).AsTask();
        FrameHeader call = await peer.NextAsync(FrameType.Call);
        peer.Connection.Send(call.Reply(FrameStatus.Error), new ErrorRecord(VirtErrorCode.OperationFailed, "in use"), ErrorRecordCodec.Write);
        Assert.Equal("in use", (await Assert.ThrowsAsync<VirtException>(() => opening)).Message);
        peer.Data(call, 1);
        await StillWorksAsync(peer);
    }

    [Fact]
    public async Task A_cancel_of_the_opening_is_told_and_a_late_answer_dropped()
    {
        await using ScriptedPeer peer = new();
        using CancellationTokenSource source = new();
        Task<VirtStream> opening = peer.OpenStreamAsync(source.Token).AsTask();
        FrameHeader call = await peer.NextAsync(FrameType.Call);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
        Assert.Equal(call with { Type = FrameType.Cancel }, await peer.NextAsync());
        peer.Connection.Send(call.Reply(FrameStatus.Continue));
        peer.Data(call, 1);
        await StillWorksAsync(peer);
    }

    [Fact]
    public async Task A_reply_that_opens_no_stream_is_an_error_and_one_that_opens_an_unwanted_one_gives_it_up()
    {
        await using ScriptedPeer peer = new();
        Task<VirtStream> opening = peer.OpenStreamAsync(peer.Time).AsTask();
        peer.Reply(await peer.NextAsync(FrameType.Call), "no stream");
        Assert.Equal(VirtErrorCode.RpcError, (await Assert.ThrowsAsync<VirtConnectionException>(() => opening)).Code);
        Task<string> calling = peer.CallAsync("a", peer.Time).AsTask();
        FrameHeader call = await peer.NextAsync(FrameType.Call);
        peer.Connection.Send(call.Reply(FrameStatus.Continue));
        Assert.Equal(VirtErrorCode.RpcError, (await Assert.ThrowsAsync<VirtConnectionException>(() => calling)).Code);
        Assert.Equal(call with { Type = FrameType.Cancel }, await peer.NextAsync());
        await StillWorksAsync(peer);
    }

    public static TheoryData<string, Action<ScriptedPeerActions>> Breaches => new()
    {
        { "more than it was given credit for", peer => peer.Flood() },
        { "goes on after its end", peer => peer.EndTwice() },
        { "was given a credit of", peer => peer.OverCredit() },
        { "stream frame", peer => peer.Nonsense() },
    };

    [Theory]
    [MemberData(nameof(Breaches))]
    public async Task A_daemon_that_breaks_the_rules_is_not_spoken_to_any_further(string words, Action<ScriptedPeerActions> breach)
    {
        ArgumentNullException.ThrowIfNull(breach);
        await using ScriptedPeer peer = new();
        (VirtStream stream, FrameHeader call) = await peer.AcceptStreamAsync();
        breach(new ScriptedPeerActions(peer, call));
        Assert.Contains(words, await peer.Client.Closed.WaitAsync(peer.Time), StringComparison.Ordinal);
        await stream.DisposeAsync();
    }

    private static async Task StillWorksAsync(ScriptedPeer peer)
    {
        Task<string> call = peer.CallAsync("a", peer.Time).AsTask();
        peer.Reply(await peer.NextAsync(FrameType.Call), "well");
        Assert.Equal("well", await call.WaitAsync(peer.Time));
    }

    /// <summary>What a hostile daemon does to an open stream.</summary>
    public sealed class ScriptedPeerActions
    {
        private readonly ScriptedPeer _peer;
        private readonly FrameHeader _call;

        internal ScriptedPeerActions(ScriptedPeer peer, FrameHeader call) => (_peer, _call) = (peer, call);

        internal void Flood()
        {
            for (int sent = 0; sent <= RpcLimits.StreamWindow; sent += RpcLimits.StreamChunk)
                _peer.Data(_call, new byte[RpcLimits.StreamChunk]);
        }

        internal void EndTwice()
        {
            _peer.End(_call);
            _peer.End(_call);
        }

        internal void OverCredit() => _peer.Credit(_call, RpcLimits.StreamCredit);

        internal void Nonsense() => _peer.Data(_call);
    }
}
