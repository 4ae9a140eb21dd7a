using System.Collections.Concurrent;
using Virt.Connections;
using Virt.Domains;
using Virt.Drivers;
using Virt.Errors;
using Virt.Hosts;
using Virt.Remote;
using Virt.Rpc;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>What must hold over every transport.</summary>
public abstract partial class TransportSuite : IAsyncDisposable
{
    private protected TestDaemon World { get; } = new();

    private protected FakeHypervisor Hypervisor => World.Hypervisor;

    private protected CancellationToken Time => World.Time;

    public virtual async ValueTask DisposeAsync()
    {
        await World.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>What the transport's daemon asks for.</summary>
    private protected virtual ConnectAuth Auth => ConnectAuth.None;

    /// <summary>Connects to a daemon's server, as often as it is called, without a word of the protocol.</summary>
    private protected abstract Task<Stream> ConnectAsync(TestDaemon world);

    /// <summary>Opens a connection to <see cref="World"/>.</summary>
    private protected virtual Task<RemoteDriverConnection> OpenAsync() => OpenAsync(World);

    /// <summary>Opens a connection.</summary>
    /// <param name="world">The daemon.</param>
    /// <param name="options">How this side behaves.</param>
    /// <param name="through">Stands between the transport and this side.</param>
    private protected async Task<RemoteDriverConnection> OpenAsync(
        TestDaemon world, RpcConnectionOptions? options = null, Func<Stream, Stream>? through = null)
    {
        Stream stream = await ConnectAsync(world);
        OpenRequest request = new(ConnectionUri.Parse("fake:///system"), OpenOptions.None, Auth);
        return await RemoteDriver.OpenAsync(through?.Invoke(stream) ?? stream, request, options ?? new(), world.Time);
    }

    [Fact]
    public async Task A_call_brings_back_what_the_driver_says()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        HostRecord host = await connection.Hypervisor.GetHostAsync(Time);
        Assert.Equal("fakehost", host.HostName);
        Assert.Equal([FakeHypervisor.Domain], await connection.Hypervisor.ListDomainsAsync(DomainFilter.All, Time));
        Assert.Equal("fake:///system", connection.CanonicalUri);
        Assert.Equal("fakehost", connection.HostName);
        Assert.False(connection.IsReadOnly);
    }

    [Fact]
    public async Task A_slow_call_does_not_hold_a_quick_one()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        Task<DomainRecord> slow = connection.Hypervisor.SaveDomainAsync(Guid.Empty, Time).AsTask();
        await Hypervisor.SaveBegun.Task.WaitAsync(Time);
        for (int i = 0; i < 100; i++)
            await connection.Hypervisor.GetHostAsync(Time);
        Assert.False(slow.IsCompleted);
        Hypervisor.Release.SetResult();
        Assert.Equal(FakeHypervisor.Domain, await slow);
    }

    [Fact]
    public async Task Many_callers_get_their_own_answers()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(caller => Task.Run(
            async () =>
            {
                for (int i = 0; i < 200; i++)
                {
                    string name = $"{caller}-{i}";
                    Assert.Equal(name, (await connection.Hypervisor.GetDomainByNameAsync(name, Time)).Name);
                }
            },
            Time)));
    }

    [Fact]
    public async Task A_cancel_ends_the_wait_and_the_call()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        using CancellationTokenSource source = new();
        Task<DomainRecord> call = connection.Hypervisor.SaveDomainAsync(Guid.Empty, source.Token).AsTask();
        await Hypervisor.SaveBegun.Task.WaitAsync(Time);
        await source.CancelAsync();
        OperationCanceledException ended = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(source.Token, ended.CancellationToken);
        await Hypervisor.SaveCancelled.Task.WaitAsync(Time);
        Assert.Equal("fakehost", (await connection.Hypervisor.GetHostAsync(Time)).HostName);
    }

    [Fact]
    public async Task Cancels_at_any_moment_leave_the_connection_in_order()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(
            async () =>
            {
                for (int i = 0; i < 200; i++)
                {
                    using CancellationTokenSource source = new();
                    string name = $"{caller}-{i}";
                    Task<DomainRecord> call = connection.Hypervisor.GetDomainByNameAsync(name, source.Token).AsTask();
                    Task cancelling = i % 2 == 0 ? source.CancelAsync() : Task.Run(source.Cancel, Time);
                    try
                    {
                        Assert.Equal(name, (await call.WaitAsync(Time)).Name);
                    }
                    catch (OperationCanceledException e)
                    {
                        Assert.Equal(source.Token, e.CancellationToken);
                    }

                    await cancelling;
                }
            },
            Time)));
        Assert.Equal("last", (await connection.Hypervisor.GetDomainByNameAsync("last", Time)).Name);
    }

    [Fact]
    public async Task An_error_travels_with_code_target_and_advice()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        VirtException error = await Assert.ThrowsAsync<VirtNotFoundException>(
            () => connection.Hypervisor.GetDomainByNameAsync("absent1", Time).AsTask());
        Assert.Equal((VirtErrorCode.NoDomain, "absent1", "List the domains."), (error.Code, error.Target, error.RecommendedAction));
    }

    [Theory]
    [InlineData("broken")]
    [InlineData("unreadable")]
    public async Task A_broken_driver_does_not_break_the_connection(string name)
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        await Assert.ThrowsAsync<VirtException>(() => connection.Hypervisor.GetDomainByNameAsync(name, Time).AsTask());
        Assert.Equal("fakehost", (await connection.Hypervisor.GetHostAsync(Time)).HostName);
    }

    [Fact]
    public async Task A_broken_driver_is_an_internal_error_without_its_stack()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        VirtException error = await Assert.ThrowsAsync<VirtException>(
            () => connection.Hypervisor.GetDomainByNameAsync("broken", Time).AsTask());
        Assert.Equal(VirtErrorCode.InternalError, error.Code);
        Assert.DoesNotContain("   at ", error.Message, StringComparison.Ordinal);
        Assert.Contains("   at ", await World.Loggers.WaitAsync("broke", Time), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_come_in_order_and_end_with_the_subscription()
    {
        const int Count = 2000;
        await using RemoteDriverConnection connection = await OpenAsync();
        ConcurrentQueue<int> seen = new();
        TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IAsyncDisposable subscription = await connection.Hypervisor.SubscribeDomainEventsAsync(
            value =>
            {
                seen.Enqueue(value.Domain.Id!.Value);
                if (value.Domain.Id == Count)
                    all.SetResult();
            },
            Time);
        for (int i = 1; i <= Count; i++)
            Hypervisor.Raise(i);
        await all.Task.WaitAsync(Time);
        Assert.Equal(Enumerable.Range(1, Count), seen);

        await subscription.DisposeAsync();
        await Hypervisor.Unsubscribed.Task.WaitAsync(Time);
        Hypervisor.Raise(Count + 1);
        await connection.Hypervisor.GetHostAsync(Time);
        Assert.Equal(Count, seen.Count);
    }

    [Fact]
    public async Task A_reply_may_be_many_megabytes_and_quick_calls_pass_it_by()
    {
        const int Size = 17 << 20;
        await using RemoteDriverConnection connection = await OpenAsync();
        Task<DomainRecord> big = connection.Hypervisor.GetDomainByIdAsync(Size, Time).AsTask();
        await connection.Hypervisor.GetHostAsync(Time);
        Assert.Equal(Size, (await big).Description!.Length);
    }

    [Fact]
    public async Task A_reply_that_no_frame_can_carry_is_an_error_of_that_call_only()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        VirtException error = await Assert.ThrowsAsync<VirtException>(
            () => connection.Hypervisor.GetDomainByIdAsync(33 << 20, Time).AsTask());
        Assert.Equal(VirtErrorCode.ResourceLimit, error.Code);
        Assert.Equal("fakehost", (await connection.Hypervisor.GetHostAsync(Time)).HostName);
    }

    [Fact]
    public async Task The_end_of_the_daemon_faults_what_waits_and_says_why()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        Task<DomainRecord> call = connection.Hypervisor.SaveDomainAsync(Guid.Empty, Time).AsTask();
        await Hypervisor.SaveBegun.Task.WaitAsync(Time);
        await World.Daemon.DisposeAsync();
        VirtException error = await Assert.ThrowsAsync<VirtConnectionException>(() => call.WaitAsync(Time));
        Assert.Equal(VirtErrorCode.RpcError, error.Code);
        string reason = await connection.Closed.WaitAsync(Time);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        VirtException later = await Assert.ThrowsAsync<VirtConnectionException>(
            () => connection.Hypervisor.GetHostAsync(Time).AsTask());
        Assert.Contains(reason, later.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_a_client_ends_its_calls_and_subscriptions_and_closes_what_it_opened()
    {
        RemoteDriverConnection connection = await OpenAsync();
        await connection.Hypervisor.SubscribeDomainEventsAsync(_ => { }, Time);
        Task<DomainRecord> call = connection.Hypervisor.SaveDomainAsync(Guid.Empty, Time).AsTask();
        await Hypervisor.SaveBegun.Task.WaitAsync(Time);
        await connection.DisposeAsync();
        await Assert.ThrowsAsync<VirtConnectionException>(() => call.WaitAsync(Time));
        await Hypervisor.SaveCancelled.Task.WaitAsync(Time);
        await Hypervisor.Unsubscribed.Task.WaitAsync(Time);
        await Hypervisor.Disposed.Task.WaitAsync(Time);
        await World.Loggers.WaitAsync("disconnected: ", Time);
    }

    [Fact]
    public async Task A_drain_lets_calls_end_and_takes_no_more()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        Task<DomainRecord> call = connection.Hypervisor.SaveDomainAsync(Guid.Empty, Time).AsTask();
        await Hypervisor.SaveBegun.Task.WaitAsync(Time);
        Task drained = World.Daemon.DrainAsync(TimeSpan.FromSeconds(30), Time);
        await World.Loggers.WaitAsync("Draining", Time);
        Hypervisor.Release.SetResult();
        Assert.Equal(FakeHypervisor.Domain, await call.WaitAsync(Time));
        await drained;
        await connection.Closed.WaitAsync(Time);
    }

    [Fact]
    public async Task A_driver_kind_that_nobody_offers_is_declined()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        Assert.True((await connection.OpenSecondaryAsync<IStorageDriver>(Time)).IsDeclined);
    }
}
