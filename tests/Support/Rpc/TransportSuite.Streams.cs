using Virt.Domains;
using Virt.Errors;
using Virt.Remote;
using Virt.Rpc;
using Virt.Streams;

namespace Virt.Tests.Daemon.Rpc;

public abstract partial class TransportSuite
{
    [Fact]
    public async Task A_stream_carries_bytes_both_ways_until_each_side_has_finished()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        await using VirtStream stream = await OpenStreamAsync(connection, "echo");
        byte[] room = new byte[5];
        await stream.WriteAsync("hello"u8.ToArray(), Time);
        await stream.ReadExactlyAsync(room, Time);
        Assert.Equal("hello"u8.ToArray(), room);
        await stream.WriteAsync("again"u8.ToArray(), Time);
        await stream.FinishAsync(Time);
        await stream.ReadExactlyAsync(room, Time);
        Assert.Equal("again"u8.ToArray(), room);
        Assert.Equal(0, await stream.ReadAsync(room, Time));
        await Hypervisor.Streams.WhenNoneAsync().WaitAsync(Time);
    }

    [Fact]
    public Task Megabytes_go_both_ways_at_once_while_calls_go_on() => CarryBothWaysAsync(8 << 20);

    [Fact]
    public async Task A_slow_reader_holds_its_own_stream_and_nothing_else()
    {
        const int Size = 8 << 20;
        await using RemoteDriverConnection connection = await OpenAsync();
        await using VirtStream slow = await OpenStreamAsync(connection, $"bulk:{Size}");
        FakeStream source = Hypervisor.Streams.Last!;
        await using VirtStream quick = await OpenStreamAsync(connection, "echo");
        byte[] room = new byte[64];
        for (int i = 0; i < 100; i++)
        {
            await connection.Hypervisor.GetHostAsync(Time);
            await quick.WriteAsync(room, Time);
            await quick.ReadExactlyAsync(room, Time);
        }

        // What is under way, and the piece that virtd has in hand.
        Assert.InRange(source.Given, 0, RpcLimits.StreamWindow + RpcLimits.StreamChunk);
        await ReadBulkAsync(slow, Size);
        Assert.Equal(Size, source.Given);
    }

    [Fact]
    public async Task A_driver_that_takes_nothing_holds_its_writer_and_nobody_else()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        VirtStream stream = await OpenStreamAsync(connection, "stuck");
        int written = 0;
        using CancellationTokenSource source = new();
        Task writing = Task.Run(
            async () =>
            {
                byte[] piece = new byte[1000];
                for (; ; written += piece.Length)
                    await stream.WriteAsync(piece, source.Token);
            },
            Time);
        for (int i = 0; i < 100; i++)
            await connection.Hypervisor.GetHostAsync(Time);
        Assert.False(writing.IsCompleted);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        Assert.InRange(written, 0, RpcLimits.StreamWindow);
        await stream.DisposeAsync();
        await Hypervisor.Streams.WhenNoneAsync().WaitAsync(Time);
    }

    [Fact]
    public async Task Streams_given_up_at_any_moment_leave_nothing_behind()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(
            async () =>
            {
                for (int i = 0; i < 60; i++)
                    await GiveUpAsync(connection, (caller * 60) + i);
            },
            Time)));
        await Hypervisor.Streams.WhenNoneAsync().WaitAsync(Time);
        await using VirtStream last = await OpenStreamAsync(connection, "echo");
        await last.WriteAsync(new byte[] { 1 }, Time);
        await last.ReadExactlyAsync(new byte[1], Time);
    }

    [Fact]
    public async Task An_opening_that_is_cancelled_is_cancelled_at_the_driver_too()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        using CancellationTokenSource source = new();
        Task<VirtStream> opening = OpenStreamAsync(connection, "late", source.Token);
        await Hypervisor.Streams.Asked.Task.WaitAsync(Time);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
        await connection.Hypervisor.GetHostAsync(Time);
        await Hypervisor.Streams.WhenNoneAsync().WaitAsync(Time);
    }

    [Fact]
    public async Task A_refused_stream_is_an_error_like_that_of_any_call()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        VirtException error = await Assert.ThrowsAsync<VirtException>(() => OpenStreamAsync(connection, "refused"));
        Assert.Equal((VirtErrorCode.OperationFailed, "refused", "Use Force."), (error.Code, error.Target, error.RecommendedAction));
    }

    [Theory]
    [InlineData("failing", VirtErrorCode.OperationAborted)]
    [InlineData("broken", VirtErrorCode.InternalError)]
    public async Task A_stream_that_fails_says_why_and_the_connection_goes_on(string kind, VirtErrorCode code)
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        await using VirtStream stream = await OpenStreamAsync(connection, kind);
        VirtException error = await Assert.ThrowsAsync<VirtException>(() => stream.ReadAsync(new byte[1], Time).AsTask());
        Assert.Equal(code, error.Code);
        await Hypervisor.Streams.WhenNoneAsync().WaitAsync(Time);
        await connection.Hypervisor.GetHostAsync(Time);
    }

    [Fact]
    public async Task The_end_of_the_daemon_ends_the_streams()
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        await using VirtStream stream = await OpenStreamAsync(connection, "stuck");
        Task<int> reading = stream.ReadAsync(new byte[1], Time).AsTask();
        Task writing = stream.WriteAsync(new byte[1 << 20], Time).AsTask();
        await World.Daemon.DisposeAsync();
        await Assert.ThrowsAsync<VirtConnectionException>(() => reading.WaitAsync(Time));
        await Assert.ThrowsAsync<VirtConnectionException>(() => writing.WaitAsync(Time));
        await Hypervisor.Streams.WhenNoneAsync().WaitAsync(Time);
    }

    [Fact]
    public async Task The_end_of_the_client_ends_its_streams_at_the_driver()
    {
        RemoteDriverConnection connection = await OpenAsync();
        VirtStream stuck = await OpenStreamAsync(connection, "stuck"), bulk = await OpenStreamAsync(connection, $"bulk:{1 << 30}");
        Task<int> reading = stuck.ReadAsync(new byte[1], Time).AsTask();
        await connection.DisposeAsync();
        await Assert.ThrowsAsync<VirtConnectionException>(() => reading.WaitAsync(Time));
        await Hypervisor.Streams.WhenNoneAsync().WaitAsync(Time);
        await Hypervisor.Disposed.Task.WaitAsync(Time);
        await stuck.DisposeAsync();
        await bulk.DisposeAsync();
    }

    /// <summary>As many bytes each way, at once, with calls in between.</summary>
    private protected async Task CarryBothWaysAsync(int size)
    {
        await using RemoteDriverConnection connection = await OpenAsync();
        await using VirtStream stream = await OpenStreamAsync(connection, $"bulk:{size}");
        FakeStream driver = Hypervisor.Streams.Last!;
        Task carrying = Task.WhenAll(
            Task.Run(() => ReadBulkAsync(stream, size), Time), Task.Run(() => WriteBulkAsync(stream, size), Time));
        int calls = 0;
        for (; !carrying.IsCompleted; calls++)
            await connection.Hypervisor.GetHostAsync(Time);
        await carrying;
        Assert.True(calls > 0);
        await driver.Finished.Task.WaitAsync(Time);
        Assert.Equal((size, size), (driver.Given, driver.Taken));
        await Hypervisor.Streams.WhenNoneAsync().WaitAsync(Time);
    }

    private async Task GiveUpAsync(RemoteDriverConnection connection, int round)
    {
        using CancellationTokenSource source = new();
        try
        {
            Task cancelling = round % 3 == 0 ? Task.Run(source.Cancel, Time) : Task.CompletedTask;
            await using VirtStream stream = await OpenStreamAsync(connection, round % 2 == 0 ? "echo" : $"bulk:{1 << 20}", source.Token);
            Task writing = stream.WriteAsync(new byte[round % 5 * 1000], source.Token).AsTask();
            Task reading = stream.ReadAsync(new byte[1000], source.Token).AsTask();
            if (round % 4 == 0)
                await stream.FinishAsync(Time);
            if (round % 7 == 0)
                await Task.Yield();
            Task disposing = Task.Run(async () => await stream.DisposeAsync(), Time);
            await source.CancelAsync();
            await disposing;
            await Task.WhenAll(cancelling, writing, reading);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or InvalidOperationException or VirtException)
        {
            // However far it came; what counts is what is left.
        }
    }

    private async Task<VirtStream> OpenStreamAsync(RemoteDriverConnection connection, string kind, CancellationToken? cancel = null) =>
        await connection.Hypervisor.OpenConsoleAsync(Guid.Empty, kind, ConsoleOptions.None, cancel ?? Time);

    private async Task ReadBulkAsync(VirtStream stream, int size)
    {
        byte[] room = new byte[100_000];
        long place = 0;
        for (int count; (count = await stream.ReadAsync(room, Time)) > 0; place += count)
        {
            for (int i = 0; i < count; i++)
            {
                if (room[i] != FakeStream.ByteAt(place + i))
                    Assert.Fail($"byte {place + i} is wrong");
            }
        }

        Assert.Equal(size, place);
    }

    private async Task WriteBulkAsync(VirtStream stream, int size)
    {
        byte[] piece = new byte[100_000];
        for (long place = 0; place < size; place += piece.Length)
        {
            for (int i = 0; i < piece.Length; i++)
                piece[i] = FakeStream.ByteAt(place + i);
            await stream.WriteAsync(piece.AsMemory(0, (int)Math.Min(piece.Length, size - place)), Time);
        }

        await stream.FinishAsync(Time);
    }
}
