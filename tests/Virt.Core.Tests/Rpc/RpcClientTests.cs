using System.Collections.Concurrent;
using Virt.Errors;
using Virt.Remote;
using Virt.Rpc;

namespace Virt.Tests.Core.Rpc;

public sealed class RpcClientTests
{
    [Fact]
    public async Task Replies_in_another_order_reach_their_callers()
    {
        await using ScriptedPeer peer = new();
        Task<string> first = peer.CallAsync("a", peer.Time).AsTask(), second = peer.CallAsync("b", peer.Time).AsTask();
        FrameHeader one = await peer.NextAsync(FrameType.Call), two = await peer.NextAsync(FrameType.Call);
        peer.Reply(two, "second");
        Assert.Equal("second", await second);
        Assert.False(first.IsCompleted);
        peer.Reply(one, "first");
        Assert.Equal("first", await first);
    }

    [Fact]
    public async Task A_token_that_is_cancelled_already_sends_nothing()
    {
        await using ScriptedPeer peer = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => peer.CallAsync("a", new CancellationToken(true)).AsTask());
        Task<string> next = peer.CallAsync("b", peer.Time).AsTask();
        peer.Reply(await peer.NextAsync(FrameType.Call), "b");
        Assert.Equal("b", await next);
    }

    [Fact]
    public async Task A_cancel_is_told_and_the_late_reply_dropped()
    {
        await using ScriptedPeer peer = new();
        using CancellationTokenSource source = new();
        Task<string> call = peer.CallAsync("a", source.Token).AsTask();
        FrameHeader header = await peer.NextAsync(FrameType.Call);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(header with { Type = FrameType.Cancel }, await peer.NextAsync());
        peer.Reply(header, "late");
        Task<string> next = peer.CallAsync("b", peer.Time).AsTask();
        peer.Reply(await peer.NextAsync(FrameType.Call), "b");
        Assert.Equal("b", await next);
    }

    [Fact]
    public async Task An_answered_call_is_not_cancelled_afterwards()
    {
        await using ScriptedPeer peer = new();
        using CancellationTokenSource source = new();
        ValueTask<string> call = peer.CallAsync("a", source.Token);
        peer.Reply(await peer.NextAsync(FrameType.Call), "answer");
        Task<string> other = peer.CallAsync("b", peer.Time).AsTask();
        peer.Reply(await peer.NextAsync(FrameType.Call), "b");
        await other; // replies are handled in order, so the first one has been handled
        await source.CancelAsync();
        Assert.Equal("answer", await call);
        Assert.False(peer.HasFrame);
    }

    [Fact]
    public async Task A_caller_that_holds_its_thread_holds_nobody_else()
    {
        await using ScriptedPeer peer = new();
        using ManualResetEventSlim release = new();
        TaskCompletionSource held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        async Task HoldAsync()
        {
            await peer.CallAsync("holder", peer.Time).ConfigureAwait(false);
            held.SetResult();
            release.Wait(peer.Time);
        }

        Task holder = HoldAsync();
        peer.Reply(await peer.NextAsync(FrameType.Call), "go on");
        await held.Task.WaitAsync(peer.Time);
        for (int i = 0; i < 10; i++)
        {
            Task<string> call = peer.CallAsync("other", peer.Time).AsTask();
            peer.Reply(await peer.NextAsync(FrameType.Call), "answer");
            Assert.Equal("answer", await call.WaitAsync(peer.Time));
        }

        Assert.False(holder.IsCompleted);
        release.Set();
        await holder;
    }

    [Fact]
    public async Task Events_come_in_order_also_before_the_reply_and_a_handler_may_throw()
    {
        ConcurrentQueue<Exception> reported = new();
        await using ScriptedPeer peer = new(report: reported.Enqueue);
        ConcurrentQueue<string> seen = new();
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<IAsyncDisposable> subscribing = peer.SubscribeAsync(text =>
        {
            seen.Enqueue(text);
            if (text == "2")
                throw new InvalidOperationException("broken handler");
            if (text == "3")
                done.SetResult();
        }).AsTask();
        FrameHeader call = await peer.NextAsync(FrameType.Call);
        peer.Event(call, "1");
        peer.Reply(call, "accepted");
        IAsyncDisposable subscription = await subscribing;
        peer.Event(call, "2");
        peer.Event(call, "3");
        await done.Task.WaitAsync(peer.Time);
        Assert.Equal(["1", "2", "3"], seen);
        Assert.Contains("broken handler", Assert.Single(reported).Message, StringComparison.Ordinal);

        await subscription.DisposeAsync();
        Assert.Equal(call with { Type = FrameType.Cancel }, await peer.NextAsync());
        peer.Event(call, "4");
        Task<string> next = peer.CallAsync("b", peer.Time).AsTask();
        peer.Reply(await peer.NextAsync(FrameType.Call), "b");
        await next;
        Assert.Equal(3, seen.Count);
    }

    [Fact]
    public async Task A_handler_may_dispose_its_own_subscription()
    {
        await using ScriptedPeer peer = new();
        TaskCompletionSource<IAsyncDisposable> subscription = new();
        TaskCompletionSource disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<IAsyncDisposable> subscribing = peer.SubscribeAsync(text =>
        {
            Assert.True(subscription.Task.GetAwaiter().GetResult().DisposeAsync().AsTask().IsCompletedSuccessfully);
            disposed.SetResult();
        }).AsTask();
        FrameHeader call = await peer.NextAsync(FrameType.Call);
        peer.Reply(call, "accepted");
        subscription.SetResult(await subscribing);
        peer.Event(call, "1");
        await disposed.Task.WaitAsync(peer.Time);
    }

    [Fact]
    public async Task A_refused_subscription_throws_and_leaves_nothing()
    {
        await using ScriptedPeer peer = new();
        Task<IAsyncDisposable> subscribing = peer.SubscribeAsync(_ => { }).AsTask();
        FrameHeader call = await peer.NextAsync(FrameType.Call);
        peer.Connection.Send(call.Reply(FrameStatus.Error), new ErrorRecord(VirtErrorCode.NoSupport, "no events"), ErrorRecordCodec.Write);
        Assert.Equal(VirtErrorCode.NoSupport, (await Assert.ThrowsAsync<VirtException>(() => subscribing)).Code);
    }

    [Fact]
    public async Task Disposal_faults_what_waits_and_what_comes()
    {
        await using ScriptedPeer peer = new();
        Task<string> call = peer.CallAsync("a", peer.Time).AsTask();
        await peer.NextAsync(FrameType.Call);
        await peer.Client.DisposeAsync();
        VirtException waiting = await Assert.ThrowsAsync<VirtConnectionException>(() => call.WaitAsync(peer.Time));
        VirtException coming = await Assert.ThrowsAsync<VirtConnectionException>(() => peer.CallAsync("b", peer.Time).AsTask());
        Assert.Equal((VirtErrorCode.RpcError, VirtErrorCode.RpcError), (waiting.Code, coming.Code));
        Assert.All([waiting, coming], error => Assert.EndsWith("closed by this side", error.Message, StringComparison.Ordinal));
        Assert.Equal("closed by this side", await peer.Client.Closed);
    }

    [Theory]
    [InlineData(RemoteProcedure.ListDomains, CallOutcome.NoEffect)]
    [InlineData(RemoteProcedure.StartDomain, CallOutcome.Unknown)]
    [InlineData(77, CallOutcome.Unknown)]
    public async Task A_call_that_the_end_of_the_connection_cuts_off_says_what_is_known_of_it(int procedure, CallOutcome outcome)
    {
        await using ScriptedPeer peer = new();
        ProcedureId id = new(RemoteProgram.Number, RemoteProgram.Version, procedure);
        Task call = peer.CallAsync(id, "a").AsTask();
        await peer.NextAsync(FrameType.Call);
        peer.Connection.Abort("power cut");
        Assert.Equal(outcome, (await Assert.ThrowsAsync<VirtConnectionException>(() => call)).Outcome);

        VirtConnectionException later = await Assert.ThrowsAsync<VirtConnectionException>(() => peer.CallAsync(id, "b").AsTask());
        Assert.Equal(CallOutcome.NotSent, later.Outcome);
        Assert.Contains("Nothing was done", later.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_still_waits_to_be_sent_has_not_been_sent()
    {
        StuckStream stream = new();
        await using RpcClient client = new(stream, new() { KeepaliveInterval = TimeSpan.Zero });
        Task<string> first = ScriptedPeer.CallAsync(client, "a", TestContext.Current.CancellationToken).AsTask();
        Task<string> second = ScriptedPeer.CallAsync(client, "b", TestContext.Current.CancellationToken).AsTask();
        stream.Dispose();
        Assert.Equal(CallOutcome.Unknown, (await Assert.ThrowsAsync<VirtConnectionException>(() => first)).Outcome);
        Assert.Equal(CallOutcome.NotSent, (await Assert.ThrowsAsync<VirtConnectionException>(() => second)).Outcome);
    }

    [Fact]
    public async Task A_call_that_is_not_answered_in_time_is_a_timeout_and_cancelled()
    {
        await using ScriptedPeer peer = new();
        IRpcCaller hasty = peer.Client.WithTimeout(TimeSpan.FromMilliseconds(20));
        Task<string> call = ScriptedPeer.CallAsync(hasty, "a", peer.Time).AsTask();
        await peer.NextAsync(FrameType.Call);
        Assert.Equal(VirtErrorCode.OperationTimeout, (await Assert.ThrowsAsync<VirtException>(() => call.WaitAsync(peer.Time))).Code);
        await peer.NextAsync(FrameType.Cancel);
    }

    [Fact]
    public async Task A_reply_that_cannot_be_read_is_an_error_of_that_call()
    {
        await using ScriptedPeer peer = new();
        Task<string> call = peer.CallAsync("a", peer.Time).AsTask();
        peer.Connection.Send((await peer.NextAsync(FrameType.Call)).Reply(FrameStatus.Ok));
        Assert.Equal(VirtErrorCode.RpcError, (await Assert.ThrowsAsync<VirtConnectionException>(() => call)).Code);
        Task<string> next = peer.CallAsync("b", peer.Time).AsTask();
        peer.Reply(await peer.NextAsync(FrameType.Call), "b");
        Assert.Equal("b", await next);
    }

    [Fact]
    public async Task A_daemon_that_falls_silent_is_noticed_while_a_call_waits()
    {
        (Stream mine, Stream theirs) = InMemoryPair.Create();
        using (mine)
        {
            await using RpcClient client = new(
                theirs, new() { KeepaliveInterval = TimeSpan.FromMilliseconds(20), KeepaliveCount = 2 });
            VirtException error = await Assert.ThrowsAsync<VirtConnectionException>(
                () => ScriptedPeer.CallAsync(client, "a", CancellationToken.None).AsTask()
                    .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
            Assert.Contains("keepalive", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reply_to_no_call_ends_the_connection(bool answered)
    {
        await using ScriptedPeer peer = new();
        Task<string> first = peer.CallAsync("a", peer.Time).AsTask();
        FrameHeader call = await peer.NextAsync(FrameType.Call);
        if (answered)
        {
            peer.Reply(call, "a");
            Assert.Equal("a", await first);
        }

        Task<string> waiting = peer.CallAsync("b", peer.Time).AsTask();
        peer.Reply(call with { Serial = answered ? call.Serial : 4711 }, "again");
        VirtException error = await Assert.ThrowsAsync<VirtConnectionException>(() => waiting);
        Assert.Contains("which waits for none", error.Message, StringComparison.Ordinal);
        if (!answered)
            await Assert.ThrowsAsync<VirtConnectionException>(() => first);
    }

    [Fact]
    public async Task A_message_over_the_limit_is_an_error_though_there_were_room_for_it()
    {
        await using ScriptedPeer peer = new();
        string text = new('x', RpcLimits.Frame);
        VirtException error = await Assert.ThrowsAsync<VirtException>(() => peer.CallAsync(text, peer.Time).AsTask());
        Assert.Equal(VirtErrorCode.ResourceLimit, error.Code);
        Task<string> next = peer.CallAsync("b", peer.Time).AsTask();
        peer.Reply(await peer.NextAsync(FrameType.Call), "b");
        Assert.Equal("b", await next);
    }

    [Fact]
    public async Task A_call_from_the_daemon_is_answered_with_an_error()
    {
        await using ScriptedPeer peer = new();
        peer.Connection.Send(new FrameHeader(new(RemoteProgram.Number, 1, 1), FrameType.Call, 5));
        FrameHeader answer = await peer.NextAsync(FrameType.Reply);
        Assert.Equal((5, FrameStatus.Error), (answer.Serial, answer.Status));
    }

    [Fact]
    public async Task A_hostile_daemon_cannot_make_an_unauthenticated_client_take_more_than_64_KiB()
    {
        (Stream mine, Stream theirs) = InMemoryPair.Create();
        using (mine)
        {
            await using RpcClient client = new(theirs);
            await mine.WriteAsync(new byte[] { 0, 1, 0, 1 }, TestContext.Current.CancellationToken);
            Assert.Contains("over the limit", await client.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }
}
